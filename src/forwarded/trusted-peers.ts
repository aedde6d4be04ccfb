// Who may speak for a client, and which client they speak for. Bound to one configuration; what it remembers is found out again after a reload.
import type { Socket } from 'node:net'
import { type IpAddress, type Network, networkContains, parseIpAddress, parseNetwork } from '../base/ip-address.ts'

export interface Peer {
  readonly address: IpAddress
  readonly trusted: boolean
}

const network = (text: string): Network => {
  const parsed = parseNetwork(text)
  if (parsed === undefined) throw new Error(`not a network: ${text}`)
  return parsed
}
/** Loopback, RFC 1918, RFC 4193 and link-local: who may ask as long as nobody has said who may. */
const PRIVATE = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']
  .concat(['::1', 'fc00::/7', 'fe80::/10'])
  .map(network)
const UNKNOWN: IpAddress = { family: 4, text: '0.0.0.0', value: 0n }
/** A peer on a unix socket has no address; Authelia's word for it. Who may open the socket is the file system's matter. */
const LOCAL: Peer = { address: UNKNOWN, trusted: true }
const NOBODY: Peer = { address: UNKNOWN, trusted: false }
/** Addresses of peers; there are few that are trusted, and the others are refused. */
const MAX_REMEMBERED = 4096
/** More proxies in a row than anybody has; whoever writes longer lists of trusted addresses wants us to read them. */
const MAX_HOPS = 32

export class TrustedPeers {
  readonly #configured: readonly Network[] | undefined
  readonly #peers = new Map<string, Peer>()
  /** Whoever asked last: as a rule there is one proxy. */
  #lastText = ''
  #lastPeer = NOBODY

  /** @param networks `server.trusted_proxies`; undefined: not configured, so that loopback and private peers may ask */
  constructor(networks: readonly Network[] | undefined) {
    this.#configured = networks
  }

  peerOf(socket: Pick<Socket, 'remoteAddress' | 'localPort' | 'destroyed'>): Peer {
    const text = socket.remoteAddress
    // A TCP peer that is gone already has no address either, and is no unix peer for that.
    if (text === undefined) return socket.localPort === undefined && !socket.destroyed ? LOCAL : NOBODY
    if (text === this.#lastText) return this.#lastPeer
    const peer = this.#peers.get(text) ?? remember(this.#peers, text, this.#judge(text))
    this.#lastText = text
    this.#lastPeer = peer
    return peer
  }

  /**
   * The client that a trusted peer speaks for: of the forwarded list, from the right, the first that isn't trusted itself, or the last one when all
   * are. Nothing further left is believed: clients write it.
   * @param list values of X-Forwarded-For, joined; without one the peer is the client
   * @returns undefined when the entry that counts is no address
   */
  clientOf(peer: Peer, list: string | undefined): IpAddress | undefined {
    if (list === undefined || list === '') return peer.address
    let last: IpAddress | undefined
    for (let end = list.length, hops = 0; end >= 0; hops++) {
      if (hops === MAX_HOPS) return undefined
      const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1)
      const address = parseForwardedAddress(list.slice(comma + 1, end))
      if (address === undefined) return undefined
      if (this.#configured === undefined || !this.#isConfigured(address)) return address
      last ??= address
      end = comma
    }
    return last
  }

  #judge(text: string): Peer {
    const address = parseIpAddress(withoutZone(text))
    return address === undefined ? NOBODY : { address, trusted: this.#mayAsk(address) }
  }

  #mayAsk(address: IpAddress): boolean {
    return (this.#configured ?? PRIVATE).some((one) => networkContains(one, address))
  }

  #isConfigured(address: IpAddress): boolean {
    return this.#configured?.some((one) => networkContains(one, address)) === true
  }
}

/** One entry of a forwarded list: an address, perhaps in quotes, perhaps with a port (which IPv6 has only behind brackets). */
export function parseForwardedAddress(entry: string): IpAddress | undefined {
  const plain = parseIpAddress(entry)
  if (plain !== undefined) return plain
  const text = entry.replace(/^[ \t]+|[ \t]+$/g, '').replace(/^"(.*)"$/, '$1')
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)
  if (bracketed) return parseIpAddress(bracketed[1] ?? '')
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text)
  return parseIpAddress(withPort?.[1] ?? text)
}

const withoutZone = (text: string): string => {
  const zone = text.indexOf('%')
  return zone < 0 ? text : text.slice(0, zone)
}

function remember<T>(memory: Map<string, T>, key: string, value: T): T {
  if (memory.size >= MAX_REMEMBERED) memory.clear()
  memory.set(key, value)
  return value
}
