// A request's body: read up to a limit, then taken for JSON much as Go takes it. Unknown keys are ignored, missing ones are zero.
import type { IncomingMessage } from 'node:http'

/** Far more than any request of the portal needs, far less than what would hurt to parse (bytes). */
export const MAX_BODY = 64 * 1024

export type Body = { readonly kind: 'read'; readonly bytes: Uint8Array } | { readonly kind: 'too-large' | 'aborted' }

/** `too-large`: the rest stays unread, so the connection must be closed after the answer. */
export function readBody(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const { 'content-length': announced, 'transfer-encoding': coding } = request.headers
    // Without either there is none (RFC 9112 §6.3), and the stream may have ended before anybody listened.
    if (announced === undefined && coding === undefined) return resolve({ kind: 'read', bytes: new Uint8Array() })
    if (Number(announced ?? 0) > MAX_BODY) return resolve({ kind: 'too-large' })
    const chunks: Buffer[] = []
    let length = 0
    const done = (body: Body) => {
      request.off('data', take).off('end', end).off('close', abort).off('error', abort)
      resolve(body)
    }
    const take = (chunk: Buffer) => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= MAX_BODY) return
      request.pause()
      done({ kind: 'too-large' })
    }
    const end = () => done({ kind: 'read', bytes: Buffer.concat(chunks) })
    const abort = () => done({ kind: 'aborted' })
    request.on('data', take).on('end', end).on('close', abort).on('error', abort)
  })
}

type FieldType = 'string' | 'boolean' | 'integer' | 'object'
type Part = Readonly<Record<string, unknown>>
/** An object is handed on as it came, for whoever knows its shape; a missing one is empty. */
type Value<T extends FieldType> = T extends 'string'
  ? string
  : T extends 'boolean'
    ? boolean
    : T extends 'object'
      ? Part
      : number
export type Fields<S extends Record<string, FieldType>> = { readonly [K in keyof S]: Value<S[K]> }

const ZERO = { string: '', boolean: false, integer: 0, object: {} } as const

/**
 * Keys match in any letter case, the last of several counts, `null` leaves a field as it is and a whole `null` is an empty object.
 * @returns undefined for what isn't one JSON object in UTF-8, or has a field of the wrong type
 */
export function readFields<const S extends Record<string, FieldType>>(
  bytes: Uint8Array,
  shape: S,
): Fields<S> | undefined {
  const fields = new Map<string, string | boolean | number | Part>(
    Object.entries(shape).map(([name, type]) => [name, ZERO[type]]),
  )
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]))
  const value = parse(bytes)
  if (typeof value !== 'object' || Array.isArray(value)) return undefined
  for (const [key, given] of Object.entries(value ?? {})) {
    const name = names.get(key.toLowerCase())
    if (name === undefined || given === null) continue
    const type = shape[name]
    if (type === 'integer' ? !Number.isSafeInteger(given) : typeof given !== type || Array.isArray(given))
      return undefined
    fields.set(name, typeof given === 'string' ? given.toWellFormed() : given)
  }
  return Object.fromEntries(fields) as Fields<S>
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}
