// A request and a response without a network, and a browser's cookie jar for one host.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

export interface TestExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Set-Cookie lines of the response. */
  readonly cookies: () => readonly string[]
}

export function exchange(cookie?: string, headers: Record<string, string> = {}): TestExchange {
  const request = new IncomingMessage(new Socket())
  Object.assign(request.headers, headers, cookie === undefined ? {} : { cookie })
  const response = new ServerResponse(request)
  return { request, response, cookies: () => [response.getHeader('set-cookie') ?? []].flat().map(String) }
}

/** What a browser would send back: name → value of the lines that set something. */
export const jar = (lines: readonly string[]): string =>
  lines
    .map((line) => line.slice(0, line.indexOf(';')))
    .filter((pair) => !pair.endsWith('='))
    .join('; ')

/** Raw value of a cookie in such a header. */
export const cookieValue = (cookies: string, name: string): string =>
  cookies
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? ''
