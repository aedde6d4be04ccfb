// For tests of reloading: every answer says which snapshot it is from. Not a part of a server that nobody tests: no flag and no variable turns it on.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { GateSnapshot } from './gate/snapshot.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** The portal answers by what is current when its turn has come. */
export const stampingPortal =
  (portal: Handler, header: string, current: () => Pick<GateSnapshot, 'id'>): Handler =>
  (request, response) => {
    response.setHeader(header, current().id)
    portal(request, response)
  }

/**
 * To be called before the listener is attached. The gate answers by what is current when it writes, everything that is refused at the door by what was
 * when it came. The gate's answers are made as ever, and get their stamp with their head.
 */
export function stampAnswers(
  server: Server,
  header: string,
  current: () => Pick<GateSnapshot, 'id' | 'endpoints'>,
): void {
  server.on('request', ({ url = '' }, response) => {
    if (current().endpoints.find(url) === undefined) return void response.setHeader(header, current().id)
    // When the head is made, not when it leaves: answers leave together, and the next snapshot may be served by then.
    let head: string | null = null
    Object.defineProperty(response, '_header', {
      get: () => head,
      set(made: string | null) {
        head = made?.endsWith('\r\n\r\n') ? `${made.slice(0, -2)}${header}: ${current().id}\r\n\r\n` : made
      },
    })
  })
}
