// The header lines that the gate and the portal's door look at, taken from the raw lines: a parsed header object joins or drops repeated lines, and
// then nobody knows any more that two of them contradict each other.

export interface HeaderLines {
  host: string | undefined
  cookie: string | undefined
  accept: string | undefined
  authorization: string | undefined
  proxyAuthorization: string | undefined
  upgrade: string | undefined
  secFetchMode: string | undefined
  secWebsocketKey: string | undefined
  requestedWith: string | undefined
  sessionUsername: string | undefined
  envoyTimeout: string | undefined
  forwardedFor: string | undefined
  forwardedProto: string | undefined
  forwardedHost: string | undefined
  forwardedUri: string | undefined
  forwardedMethod: string | undefined
  originalUrl: string | undefined
  originalMethod: string | undefined
  portalUrl: string | undefined
  /** Came more than once although it may not; undefined when none did. */
  repeated: LineName[] | undefined
  /** Came with an underscore for a hyphen, which some servers take for the same; undefined when none did. */
  aliased: LineName[] | undefined
}
export type LineName = Exclude<keyof HeaderLines, 'repeated' | 'aliased'>

interface Known {
  readonly header: string
  /** As most proxies write it; compared first, since making lower case of it costs more. */
  readonly usual: string
  readonly name: LineName
  /** Between the values of repeated lines; undefined: only one line is allowed. */
  readonly joiner: string | undefined
}

const line = (header: string, name: LineName, joiner?: string): Known => ({
  header,
  usual: header.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  name,
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
]
/** Most header lines are told apart from these by their length alone. */
const BY_LENGTH: readonly (readonly Known[] | undefined)[] = Array.from({ length: 32 }, (_, length) => {
  const some = KNOWN.filter(({ header }) => header.length === length)
  return some.length > 0 ? some : undefined
})

/** @param raw names and values in turn, as `IncomingMessage.rawHeaders` has them */
export function readHeaderLines(raw: readonly string[]): HeaderLines {
  const lines = noLines()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string
    const candidates = BY_LENGTH[name.length]
    if (candidates !== undefined) take(lines, candidates, name, raw[i + 1] as string)
  }
  return lines
}

function take(lines: HeaderLines, candidates: readonly Known[], name: string, value: string): void {
  const known = candidates.find(({ usual, header }) => usual === name || header === name) ?? inAnyCase(candidates, name)
  if (known !== undefined) keep(lines, known, value)
  else if (name.includes('_')) noteAlias(lines, candidates, name)
}

function inAnyCase(candidates: readonly Known[], name: string): Known | undefined {
  const lower = name.toLowerCase()
  return candidates.find(({ header }) => header === lower)
}

/** Some servers read `X_Forwarded_For` as `X-Forwarded-For`. */
function noteAlias(lines: HeaderLines, candidates: readonly Known[], name: string): void {
  const alias = inAnyCase(candidates, name.replaceAll('_', '-'))
  if (alias !== undefined) lines.aliased = [...(lines.aliased ?? []), alias.name]
}

function keep(lines: HeaderLines, { name, joiner }: Known, value: string): void {
  const before = lines[name]
  if (before === undefined) lines[name] = value
  else if (joiner === undefined) lines.repeated = [...(lines.repeated ?? []), name]
  else lines[name] = before + joiner + value
}

const noLines = (): HeaderLines => ({
  host: undefined,
  cookie: undefined,
  accept: undefined,
  authorization: undefined,
  proxyAuthorization: undefined,
  upgrade: undefined,
  secFetchMode: undefined,
  secWebsocketKey: undefined,
  requestedWith: undefined,
  sessionUsername: undefined,
  envoyTimeout: undefined,
  forwardedFor: undefined,
  forwardedProto: undefined,
  forwardedHost: undefined,
  forwardedUri: undefined,
  forwardedMethod: undefined,
  originalUrl: undefined,
  originalMethod: undefined,
  portalUrl: undefined,
  repeated: undefined,
  aliased: undefined,
})
