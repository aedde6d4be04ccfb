// The signature of a request to Duo: HTTP Basic, with the integration key as the name and an HMAC over date, method, host, path and parameters as the
// password (Duo's Auth API, "Authentication", signature version 2). Pure.
import { createHmac } from 'node:crypto'

export type DuoParams = Readonly<Record<string, string>>

export interface DuoKeys {
  readonly integrationKey: string
  readonly secretKey: string
}

/** RFC 3986: all but letters, digits and `-._~` are escaped, by their bytes in UTF-8. */
const spelled = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** Parameters in the one order and spelling that is signed; they are sent like this as well. */
export const encodeParams = (params: DuoParams): string =>
  Object.entries(params)
    .map(([name, value]) => [spelled(name), spelled(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')

export interface SignedRequest {
  readonly method: string
  /** With the port when it isn't the usual one, as in the Host header. */
  readonly host: string
  readonly path: string
  readonly params: DuoParams
  /** As in the Date header (RFC 9110 §5.6.7). */
  readonly date: string
}

/** @returns the value of the Authorization header */
export function signDuoRequest(
  { integrationKey, secretKey }: DuoKeys,
  { method, host, path, params, date }: SignedRequest,
): string {
  const signed = [date, method.toUpperCase(), host.toLowerCase(), path, encodeParams(params)].join('\n')
  const signature = createHmac('sha1', secretKey).update(signed).digest('hex')
  return `Basic ${Buffer.from(`${integrationKey}:${signature}`).toString('base64')}`
}
