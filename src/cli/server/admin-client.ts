// Asks a running server through its admin socket. Whether one runs is a part of the answer; what is asked for is the server's matter.
import { lstatSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { dirname } from 'node:path'
import { MAX_SOCKET_PATH, socketPath } from '../../admin/socket-path.ts'
import { type ExitCode, Fault } from '../../base/fault.ts'
import { locateStorage } from '../../storage/open-storage.ts'

export type ServerAnswer = { readonly kind: 'answered'; readonly value: unknown } | { readonly kind: 'no-server' }

/** Milliseconds. A reload under load, or the re-encryption of everything, takes its time. */
const PATIENCE = 120_000
/** Bytes of an answer; more is no answer of ours. */
const MAX_ANSWER = 256 * 1024 * 1024

/**
 * @param storagePath `storage.local.path`, absolute
 * @throws Fault what the server says it can't do, under its own code; `server-forbidden` when it is another user's, `server-foreign` when it is a
 * stranger's, `server-answer` when it speaks otherwise
 */
export async function callServer(storagePath: string, action: string, params: unknown): Promise<ServerAnswer> {
  let path = socketPath(storagePath)
  let text: string
  try {
    path = socketPath(locateStorage(storagePath).path)
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH) return { kind: 'no-server' }
    demandOwnServer(path, locateStorage(storagePath).path)
    text = await post(path, `/${action}`, JSON.stringify(params) ?? '')
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const { code } = cause as NodeJS.ErrnoException
    // ECONNREFUSED: what a killed server left behind.
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR' || code === 'ENOTSOCK')
      return { kind: 'no-server' }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Fault('server-forbidden', `This user may not ask the server at ${path}.`, {
        hint: 'Run the command as the user that the server runs as.',
        cause,
      })
    }
    throw noAnswer(path, cause)
  }
  return { kind: 'answered', value: takeApart(text, path) }
}

/**
 * Questions hold secrets, and answers are believed. So whoever may put files beside the database, and no more, is not asked: a server is this user's,
 * root's or the database's owner's. In a folder that everybody may write to the database itself proves nothing.
 * @throws Fault `server-foreign`, and what the system says
 */
function demandOwnServer(socket: string, database: string): void {
  const me = process.getuid?.()
  const found = statSync(socket)
  if (me === undefined || !found.isSocket()) return
  const folder = statSync(dirname(socket))
  const owner = statSync(database, { throwIfNoEntry: false })?.uid ?? folder.uid
  const trusted = (folder.mode & 0o002) !== 0 ? [me, 0] : [me, 0, owner]
  const stranger = [lstatSync(socket), found].find(({ uid }) => !trusted.includes(uid))
  if (stranger === undefined) return
  throw new Fault(
    'server-foreign',
    `The socket ${socket} was put there by user ${stranger.uid}, who doesn't own the database; it was not asked.`,
    {
      hint: "Look who that is, and remove the file where no server of yours made it. Keep the database in a folder that only the server's user may write to.",
    },
  )
}

function post(socket: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: socket,
        path,
        method: 'POST',
        agent: false,
        timeout: PATIENCE,
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      },
      (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_ANSWER) response.destroy(new Error('the answer is too long'))
          else chunks.push(chunk)
        })
        response.on('end', () => resolve(Buffer.concat(chunks).toString()))
        response.on('error', reject)
      },
    )
    request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE / 1000} seconds`)))
    request.on('error', reject)
    request.end(body)
  })
}

interface Answer {
  readonly value?: unknown
  readonly error?: {
    readonly code?: unknown
    readonly message?: unknown
    readonly hint?: unknown
    readonly exitCode?: unknown
  }
}

function takeApart(text: string, path: string): unknown {
  let answer: Answer
  try {
    answer = JSON.parse(text) as Answer
  } catch (cause) {
    throw noAnswer(path, cause)
  }
  const { error } = answer
  if (error === undefined) return answer.value
  if (error.code === 'bug') throw new Error(`in the server: ${String(error.message)}`)
  throw new ServerFault(String(error.code), String(error.message), {
    ...(typeof error.hint === 'string' ? { hint: error.hint } : {}),
    exitCode: ([1, 2, 3].find((code) => code === error.exitCode) as ExitCode | undefined) ?? 3,
  })
}

/** A Fault of the server's, passed on under its own code. */
class ServerFault extends Fault {}

const noAnswer = (path: string, cause: unknown): Fault =>
  new Fault(
    'server-answer',
    `The server at ${path} gave no answer that can be understood: ${(cause as Error).message}.`,
    {
      hint: 'Look into its log. Perhaps it was just stopped, or is of another version.',
      cause,
    },
  )
