// Who visits the portal, and at which host: the proxy's word where the peer is trusted, else the connection's own. The gate doesn't come here.
import type { IncomingMessage } from 'node:http'
import type { IpAddress } from '../base/ip-address.ts'
import { contradiction } from './contradiction.ts'
import { readHeaderLines } from './header-lines.ts'
import { parseHost } from './host.ts'
import type { TrustedPeers } from './trusted-peers.ts'

export interface Client {
  readonly address: IpAddress
  readonly scheme: 'https' | 'http'
  /** Host with port as sent; '' when there was none, or more than one. */
  readonly host: string
}

/** A public peer's forwarded headers are ignored. Where a trusted peer's contradict each other the host is '', so that no page is served. */
export function clientOf(request: IncomingMessage, peers: TrustedPeers): Client {
  const lines = readHeaderLines(request.rawHeaders)
  const peer = peers.peerOf(request.socket)
  const own = 'encrypted' in request.socket && request.socket.encrypted === true ? 'https' : 'http'
  if (!peer.trusted)
    return { address: peer.address, scheme: own, host: lines.repeated?.includes('host') ? '' : oneHost(lines.host) }

  const address = peers.clientOf(peer, lines.forwardedFor)
  const nobody: Client = { address: address ?? peer.address, scheme: 'http', host: '' }
  if (address === undefined) return nobody
  if (contradiction(lines, ['host', 'forwardedFor', 'forwardedHost', 'forwardedProto'])) return nobody
  const proto = lines.forwardedProto ? lines.forwardedProto.toLowerCase() : own
  return {
    address,
    scheme: proto === 'https' || proto === 'wss' ? 'https' : 'http',
    host: oneHost(lines.forwardedHost || lines.host),
  }
}

const oneHost = (text: string | undefined): string => (text !== undefined && parseHost(text) !== undefined ? text : '')
