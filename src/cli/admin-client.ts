// Asks a running server to do something, through the socket beside its database that only its owner may use.
import { request } from 'node:http'
import { Fault } from '../base/fault.ts'

export type ServerAnswer =
  | { readonly kind: 'answered'; readonly value: unknown }
  /** Nobody listens: the caller works on the database itself. */
  | { readonly kind: 'no-server' }

/** `db.sqlite3` → `db.sock` */
export const adminSocketPath = (storagePath: string): string => `${storagePath.replace(/\.sqlite3$/, '')}.sock`

/** @throws Fault `admin-refused` when the server answers with an error */
export async function callServer(storagePath: string, action: string, params: unknown): Promise<ServerAnswer> {
  let reply: { readonly status: number; readonly body: string }
  try {
    reply = await post(adminSocketPath(storagePath), '/action', JSON.stringify({ action, params }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { kind: 'no-server' }
    throw new Fault('admin-refused', `The running server can't be asked (${code}).`, {
      hint: 'Run this as the user that the server runs as.',
      cause: error,
    })
  }
  const answer = JSON.parse(reply.body) as {
    value?: unknown
    error?: { message: string; hint?: string; exitCode?: 1 | 2 | 3 }
  }
  if (!answer.error) return { kind: 'answered', value: answer.value }
  const { message, hint, exitCode } = answer.error
  throw new Fault('admin-refused', message, { ...(hint !== undefined && { hint }), ...(exitCode && { exitCode }) })
}

function post(socketPath: string, path: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asking = request({ socketPath, path, method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
