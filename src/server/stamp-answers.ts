// For tests of reloading: every answer says which snapshot it is from. Not a part of a server that nobody tests: no flag and no variable turns it on.
import type { Server } from 'node:http'
import type { GateSnapshot } from './gate/snapshot.ts'

/** To be called before the listener is attached. The gate answers by what is current when it writes, the portal by what was when it was asked. */
export function stampAnswers(
  server: Server,
  header: string,
  current: () => Pick<GateSnapshot, 'id' | 'endpoints'>,
): void {
  server.on('request', ({ url = '' }, response) => {
    if (current().endpoints.find(url) === undefined) return void response.setHeader(header, current().id)
    const writeHead = response.writeHead
    response.writeHead = ((...args: Parameters<typeof writeHead>) => {
      response.setHeader(header, current().id)
      return writeHead.apply(response, args)
    }) as typeof writeHead
  })
}
