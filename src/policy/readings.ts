// Every way in which applications might read a host or a path. The policy judges all of them and the strictest answer counts, so that nobody
// passes because the gate and the application read differently. An ordinary host and path have one reading.

/** Paths with none of these mean the same to everybody. A segment that begins with a dot may be a dot segment. */
const DOUBTFUL = /[%\\;]|\/\/|\/\.|[. ](?:\/|$)|[^\x21-\x7e]/
/** The same for a decoded path, where spaces and letters of any script are ordinary. */
const DOUBTFUL_WHEN_DECODED =
  /[%\\;\x00-\x1f\x7f]|\/\/|\/\.|[. ](?:\/|$)|[\u2024\u2025\u2044\u2215\u2216\uff0e\uff0f\uff3c\xa5\u20a9]/
/** Beyond this many readings, or characters in all of them, nobody honest is asking. */
const MAX_READINGS = 32
const MAX_CHARACTERS = 65_536

/** As sent, and in lower case where that differs: patterns see letter case, and proxies don't. */
export function hostReadings(host: string): readonly string[] {
  const lower = host.toLowerCase()
  return lower === host ? [host] : [host, lower]
}

export function isOrdinaryPath(path: string): boolean {
  return path.length > 0 && path.charCodeAt(0) === 0x2f && !DOUBTFUL.test(path)
}

/**
 * All readings of a raw path, Authelia's own first (decoded once and cleaned; '.' for an empty path). undefined when it has no reading that
 * could be trusted: a broken escape, bytes that are no UTF-8, more readings than an honest path has.
 */
export function pathReadings(path: string): readonly string[] | undefined {
  if (isOrdinaryPath(path)) return [path]
  if (path === '') return ['.', '/']
  if (!path.startsWith('/') || /%(?![0-9A-Fa-f]{2})|[^\x20-\x7e]/.test(path)) return undefined
  const decoded = decode(path, ANY_ESCAPE, strictUtf8)
  const start = decode(path, HARMLESS_ESCAPE, strictUtf8)
  if (decoded === undefined || start === undefined) return undefined
  if (decoded === start && !DOUBTFUL_WHEN_DECODED.test(decoded)) return [decoded]

  const readings = new Set<string>()
  const queue: string[] = []
  let characters = 0
  const add = (text: string): void => {
    if (readings.has(text)) return
    readings.add(text)
    queue.push(text)
    characters += text.length
  }
  add(canonical(decoded))
  add(start)
  for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
    for (const step of STEPS) add(step(text))
    if (readings.size > MAX_READINGS || characters > MAX_CHARACTERS) return undefined
  }
  return [...readings]
}

/**
 * Letters that Windows' code pages ("best fit") and compatibility forms of Unicode (NFKC) turn into one that parts a path. Those that would become
 * `? # % ;` are left: nobody splits an address after such a change, and people write them in the names of pages.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '\u2024': '.',
  '\u2025': '..',
  '\uff0e': '.',
  '\u2044': '/',
  '\u2215': '/',
  '\uff0f': '/',
  '\u2216': '\\',
  '\uff3c': '\\',
  // In Japan and Korea the backslash has this shape, and its code.
  '\xa5': '\\',
  '\u20a9': '\\',
}
const LOOK_ALIKE = new RegExp(`[${Object.keys(LOOK_ALIKES).join('')}]`, 'g')

/**
 * What a server, framework or file system may do to a path before it looks at it, in any order and as often as it likes. What an application's own
 * filter leaves of `....//` (it takes `../` out, once) is none of it: such filters look at parameters, behind the routing that is judged here, and no
 * router has one.
 */
const STEPS: readonly ((path: string) => string)[] = [
  // decode, also what an earlier decoding left
  (path) => decode(path, ANY_ESCAPE, lenientUtf8) ?? path,
  // Windows and WHATWG URL parsers
  (path) => path.replaceAll('\\', '/'),
  // Java servlets drop path parameters
  (path) => path.replace(/;[^/]*/g, ''),
  // nginx and many others merge slashes
  (path) => path.replace(/\/{2,}/g, '/'),
  (path) => removeDotSegments(path),
  (path) => canonical(path),
  // C strings end at NUL; a decoded '?' or '#' read a second time ends the path; a line break ends a line
  (path) => path.replace(/[\x00-\x1f\x7f?#].*$/s, ''),
  // WHATWG URL parsers drop tabs and line breaks; RE2's '.' matches no line break
  (path) => path.replace(/[\x00-\x1f\x7f]/g, ''),
  // Windows ignores dots and spaces at the end of a name
  (path) => path.replace(/([^/. ])[. ]+(?=\/|$)/g, '$1'),
  // and takes letters for those that they resemble
  (path) => path.replace(LOOK_ALIKE, (letter) => LOOK_ALIKES[letter] ?? letter),
  // and whoever trims names finds a dot segment behind the spaces
  (path) => path.replace(/(\/\.{1,2}) +(?=\/|$)/g, '$1'),
]

const ANY_ESCAPE = /(?:%[0-9A-Fa-f]{2})+/g
/** Escapes of everything but `/ \ ; ? # %` and control characters: decoding them changes nothing that anybody could see differently. */
const HARMLESS_ESCAPE =
  /(?:%(?:2[0-246-9A-Ea-e]|3[0-9AaCcDdEe]|[46][0-9A-Fa-f]|5[0-9ABDEFabdef]|7[0-9A-Ea-e]|[89A-Fa-f][0-9A-Fa-f]))+/g
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** undefined when what was escaped is no UTF-8 and the decoder is strict. */
function decode(path: string, escapes: RegExp, utf8: typeof strictUtf8): string | undefined {
  if (!path.includes('%')) return path
  try {
    return path.replace(escapes, (run) => utf8.decode(Buffer.from(run.replaceAll('%', ''), 'hex')))
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Authelia's path: Go's path.Clean, and the slash at the end kept. `/a/../` becomes `//`, as it does there. */
function canonical(decoded: string): string {
  const segments: string[] = []
  for (const segment of decoded.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') segments.pop()
    else segments.push(segment)
  }
  return `/${segments.join('/')}${decoded.length > 1 && decoded.endsWith('/') ? '/' : ''}`
}

/** RFC 3986 §5.2.4, which doesn't merge slashes. */
function removeDotSegments(path: string): string {
  const output: string[] = []
  const segments = path.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1
    if (segment === '..') output.pop()
    if (segment === '.' || segment === '..') {
      if (isLast) output.push('')
    } else output.push(segment)
  }
  return `/${output.join('/')}`
}
