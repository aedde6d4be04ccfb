// For tests of reloading: every answer says which snapshot it is from. Not a part of a server that nobody tests: no flag and no variable turns it on.
import type { Server } from 'node:http'
import type { GateSnapshot } from './gate/snapshot.ts'

/** The head of an answer as it goes over the wire; node's types leave it out. */
interface Head {
  _header: string | null
}

/**
 * To be called before the listener is attached. The gate answers by what is current when it writes, the portal by what was when it was asked.
 * The gate's answers are made as ever, and get their stamp at the last moment.
 */
export function stampAnswers(
  server: Server,
  header: string,
  current: () => Pick<GateSnapshot, 'id' | 'endpoints'>,
): void {
  server.on('request', ({ url = '' }, response) => {
    if (current().endpoints.find(url) === undefined) return void response.setHeader(header, current().id)
    const { end } = response
    const head = response as unknown as Head
    response.end = ((...args: Parameters<typeof end>) => {
      if (head._header === null) response.setHeader(header, current().id)
      else head._header = `${head._header.slice(0, -2)}${header}: ${current().id}\r\n\r\n`
      return end.apply(response, args)
    }) as typeof end
  })
}
