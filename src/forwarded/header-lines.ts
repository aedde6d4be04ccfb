// The header lines that the gate and the portal's door look at, taken from the raw lines: a parsed header object joins or drops repeated lines, and
// then nobody knows any more that two of them contradict each other.

export interface HeaderLines {
  readonly host: string | undefined
  readonly cookie: string | undefined
  readonly accept: string | undefined
  readonly authorization: string | undefined
  readonly proxyAuthorization: string | undefined
  readonly upgrade: string | undefined
  readonly secFetchMode: string | undefined
  readonly secWebsocketKey: string | undefined
  readonly requestedWith: string | undefined
  readonly sessionUsername: string | undefined
  readonly envoyTimeout: string | undefined
  readonly forwardedFor: string | undefined
  readonly forwardedProto: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedUri: string | undefined
  readonly forwardedMethod: string | undefined
  readonly originalUrl: string | undefined
  readonly originalMethod: string | undefined
  readonly portalUrl: string | undefined
  readonly transferEncoding: string | undefined
  /** Came more than once although it may not; undefined when none did. */
  readonly repeated: readonly LineName[] | undefined
  /** Came with an underscore for a hyphen, which some servers take for the same; undefined when none did. */
  readonly aliased: readonly LineName[] | undefined
}
export type LineName = Exclude<keyof HeaderLines, 'repeated' | 'aliased'>

interface Known {
  readonly header: string
  /** As most proxies write it; compared first, since making lower case of it costs more. */
  readonly usual: string
  readonly name: LineName
  /** Where its value lies in `Lines`. */
  readonly slot: number
  /** Between the values of repeated lines; undefined: only one line is allowed. */
  readonly joiner: string | undefined
}

const SLOTS: readonly LineName[] = [
  'host',
  'cookie',
  'accept',
  'authorization',
  'proxyAuthorization',
  'upgrade',
  'secFetchMode',
  'secWebsocketKey',
  'requestedWith',
  'sessionUsername',
  'envoyTimeout',
  'forwardedFor',
  'forwardedProto',
  'forwardedHost',
  'forwardedUri',
  'forwardedMethod',
  'originalUrl',
  'originalMethod',
  'portalUrl',
  'transferEncoding',
]
const NOTHING = SLOTS.map((): string | undefined => undefined)

/** Values by number: a field by its name, known only at run time, is a slow look-up, and every question has ten of them. */
class Lines implements HeaderLines {
  readonly values = NOTHING.slice()
  repeated: LineName[] | undefined = undefined
  aliased: LineName[] | undefined = undefined

  get host(): string | undefined {
    return this.values[0]
  }
  get cookie(): string | undefined {
    return this.values[1]
  }
  get accept(): string | undefined {
    return this.values[2]
  }
  get authorization(): string | undefined {
    return this.values[3]
  }
  get proxyAuthorization(): string | undefined {
    return this.values[4]
  }
  get upgrade(): string | undefined {
    return this.values[5]
  }
  get secFetchMode(): string | undefined {
    return this.values[6]
  }
  get secWebsocketKey(): string | undefined {
    return this.values[7]
  }
  get requestedWith(): string | undefined {
    return this.values[8]
  }
  get sessionUsername(): string | undefined {
    return this.values[9]
  }
  get envoyTimeout(): string | undefined {
    return this.values[10]
  }
  get forwardedFor(): string | undefined {
    return this.values[11]
  }
  get forwardedProto(): string | undefined {
    return this.values[12]
  }
  get forwardedHost(): string | undefined {
    return this.values[13]
  }
  get forwardedUri(): string | undefined {
    return this.values[14]
  }
  get forwardedMethod(): string | undefined {
    return this.values[15]
  }
  get originalUrl(): string | undefined {
    return this.values[16]
  }
  get originalMethod(): string | undefined {
    return this.values[17]
  }
  get portalUrl(): string | undefined {
    return this.values[18]
  }
  get transferEncoding(): string | undefined {
    return this.values[19]
  }
}

const line = (header: string, name: LineName, joiner?: string): Known => ({
  header,
  usual: header.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  name,
  slot: SLOTS.indexOf(name),
  joiner,
})
const KNOWN: readonly Known[] = [
  line('host', 'host'),
  line('cookie', 'cookie', '; '),
  line('accept', 'accept', ', '),
  line('authorization', 'authorization'),
  line('proxy-authorization', 'proxyAuthorization'),
  line('upgrade', 'upgrade', ', '),
  line('sec-fetch-mode', 'secFetchMode', ', '),
  line('sec-websocket-key', 'secWebsocketKey', ', '),
  line('x-requested-with', 'requestedWith', ', '),
  line('session-username', 'sessionUsername', ', '),
  line('x-envoy-expected-rq-timeout-ms', 'envoyTimeout', ', '),
  line('x-forwarded-for', 'forwardedFor', ', '),
  line('x-forwarded-proto', 'forwardedProto'),
  line('x-forwarded-host', 'forwardedHost'),
  line('x-forwarded-uri', 'forwardedUri'),
  line('x-forwarded-method', 'forwardedMethod'),
  line('x-original-url', 'originalUrl'),
  line('x-original-method', 'originalMethod'),
  line('x-authelia-url', 'portalUrl'),
  line('transfer-encoding', 'transferEncoding', ', '),
]
/** Most header lines are told apart from these by their length alone. */
const BY_LENGTH: readonly (readonly Known[] | undefined)[] = Array.from({ length: 32 }, (_, length) => {
  const some = KNOWN.filter(({ header }) => header.length === length)
  return some.length > 0 ? some : undefined
})

/** @param raw names and values in turn, as `IncomingMessage.rawHeaders` has them */
export function readHeaderLines(raw: readonly string[]): HeaderLines {
  const lines = new Lines()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string
    const candidates = BY_LENGTH[name.length]
    if (candidates !== undefined) take(lines, candidates, name, raw[i + 1] as string)
  }
  return lines
}

function take(lines: Lines, candidates: readonly Known[], name: string, value: string): void {
  const known = candidates.find(({ usual, header }) => usual === name || header === name) ?? inAnyCase(candidates, name)
  if (known !== undefined) keep(lines, known, value)
  else if (name.includes('_')) noteAlias(lines, candidates, name)
}

function inAnyCase(candidates: readonly Known[], name: string): Known | undefined {
  const lower = name.toLowerCase()
  return candidates.find(({ header }) => header === lower)
}

/** Some servers read `X_Forwarded_For` as `X-Forwarded-For`. */
function noteAlias(lines: Lines, candidates: readonly Known[], name: string): void {
  const alias = inAnyCase(candidates, name.replaceAll('_', '-'))
  if (alias !== undefined) lines.aliased = [...(lines.aliased ?? []), alias.name]
}

function keep(lines: Lines, { name, slot, joiner }: Known, value: string): void {
  const before = lines.values[slot]
  if (before === undefined) lines.values[slot] = value
  else if (joiner === undefined) lines.repeated = [...(lines.repeated ?? []), name]
  else lines.values[slot] = before + joiner + value
}
