// The admin socket: a table of actions, asked with JSON over HTTP by commands of the same user on this machine. No policy, no pages, no port.
import { chmodSync, lstatSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { MAX_SOCKET_PATH } from '../admin/socket-path.ts'
import { Fault } from '../base/fault.ts'
import type { Logger } from '../base/log.ts'
import { createHttpServer } from '../base/node-http.ts'
import { listen } from './listen.ts'
import { closeServer, tellTrouble } from './make-server.ts'

export type AdminActions = Readonly<Record<string, (params: unknown) => Promise<unknown>>>

export interface AdminSocketOptions {
  readonly path: string
  readonly actions: AdminActions
  readonly log: Logger
}

export interface AdminSocket {
  close(): Promise<void>
}

/** Bytes of a question: the devices of fifty thousand users. What is longer is thrown away as it comes. */
const MAX_BODY = 16 * 1024 * 1024
const MAX_CONNECTIONS = 64
/** Milliseconds for the whole question; an answer may take longer. */
const PATIENCE = 10_000
const GRACE = 1000

/**
 * Only the user that the server runs as may connect (mode 0600). What a killed server left behind is replaced.
 * Without a socket the server serves all the same: undefined, and the log says why.
 */
export async function openAdminSocket({ path, actions, log }: AdminSocketOptions): Promise<AdminSocket | undefined> {
  const server = createHttpServer({
    requestTimeout: PATIENCE,
    headersTimeout: PATIENCE,
    connectionsCheckingInterval: 2000,
  })
  server.maxConnections = MAX_CONNECTIONS
  server.on('request', (request, response) => void answer(request, response, actions, log))
  const without = (reason: string): undefined => {
    log.warn({ file: path, reason }, 'there is no admin socket: `status` and `reload` can not ask this server')
    return undefined
  }
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) return without('the path is too long for a socket')
  try {
    await listen(server, { kind: 'unix', path, umask: 0o177 })
    // The mode from the first moment on is the umask's doing. A file system that doesn't heed it is told; elsewhere nothing is done to the path, at
    // which somebody else may have put another file by now.
    const file = lstatSync(path)
    if (file.isSocket() && (file.mode & 0o777) !== 0o600) chmodSync(path, 0o600)
    tellTrouble(server as Server, log)
  } catch (error) {
    server.close()
    return without(error instanceof Error ? error.message : String(error))
  }
  return { close: () => closeServer(server as Server, GRACE) }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  actions: AdminActions,
  log: Logger,
): Promise<void> {
  const name = (request.url ?? '').slice(1)
  try {
    if (request.method !== 'POST') return refuse(response, 405, 'admin-question', 'Actions are asked for with POST.')
    // Not those that every object has.
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (action === undefined) {
      return refuse(response, 404, 'unknown-action', `This server knows no action ${JSON.stringify(name)}.`, {
        hint: 'Perhaps the command is of another version than the server; start the server anew.',
      })
    }
    const body = await bodyOf(request)
    if (body === undefined) {
      return refuse(response, 413, 'admin-question', 'The question is too long for a running server.', {
        hint: 'Ask it in parts; or stop the server, then the command does it itself.',
      })
    }
    const params = parse(body)
    if (params === undefined) return refuse(response, 400, 'admin-question', 'The question is not JSON.')
    send(response, 200, { value: (await action(params.value)) ?? null })
  } catch (error) {
    if (error instanceof Fault) {
      const { code, message, hint, exitCode } = error
      return refuse(response, 422, code, message, { hint, exitCode })
    }
    // Whoever asked has gone, or was too slow to ask; nothing was done.
    if (!request.complete) return void response.destroy()
    log.error({ action: name, err: error }, 'an action of the admin socket failed')
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'bug', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

/** undefined: there is too much of it. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // Read to its end all the same: whoever still speaks wouldn't hear the answer.
    if (size > MAX_BODY) chunks.length = 0
    else chunks.push(chunk)
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks)
}

/** Nothing at all stands for no parameters. */
function parse(body: Buffer): { readonly value: unknown } | undefined {
  if (body.length === 0) return { value: undefined }
  try {
    return { value: JSON.parse(body.toString()) }
  } catch {
    return undefined
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  more: { readonly hint?: string | undefined; readonly exitCode?: number } = {},
): void {
  send(response, status, { error: { code, message, ...more } })
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  })
  response.end(text)
}
