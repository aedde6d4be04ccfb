// A request that puts its header object together only for whoever works with it: the gate reads the raw lines, and the object was a fifteenth of what
// a question costs. node:http itself looks at three headers on the way here; where one of them is there, it gets the whole object.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { IncomingMessage as HttpMessage } from '../base/node-http.ts'

/** Of what node:http looks at, as of these versions; another one may look at more, and gets everything from the start. */
const KNOWN_VERSIONS = [24]
const LOOKED_AT = ['expect', 'content-length', 'transfer-encoding']
const NO_HEADERS: IncomingHttpHeaders = Object.freeze({})

const whole = Object.getOwnPropertyDescriptor(HttpMessage.prototype, 'headers')
const isKnown = KNOWN_VERSIONS.includes(Number(process.versions.node.split('.')[0])) && whole?.get !== undefined

class LazyMessage extends HttpMessage {
  /** On the prototype until it is true: to give each request a field of its own would cost a good part of what is saved. */
  declare isHandedOn: boolean
}

LazyMessage.prototype.isHandedOn = false
Object.defineProperty(LazyMessage.prototype, 'headers', {
  configurable: true,
  get(this: LazyMessage): IncomingHttpHeaders {
    return this.isHandedOn || hasAny(this.rawHeaders) ? whole?.get?.call(this) : NO_HEADERS
  },
  set(this: LazyMessage, value: IncomingHttpHeaders) {
    whole?.set?.call(this, value)
  },
})

/** For `createServer`; undefined: node's own. */
export const RequestClass: typeof IncomingMessage | undefined = isKnown ? LazyMessage : undefined

/** From here on `headers` has everything. To be called before anybody but the gate is given the request. */
export function handOn(request: IncomingMessage): void {
  if (request instanceof LazyMessage) request.isHandedOn = true
}

function hasAny(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const known = LOOKED_AT.find(({ length }) => length === name.length)
    if (known !== undefined && known === name.toLowerCase()) return true
  }
  return false
}
