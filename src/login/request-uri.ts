// Whether a text is a URI as it stands in a request line: absolute, or an absolute path. Only tells "can't be read" from "read, and refused";
// nothing is granted on it. It follows what Authelia's parser accepts, since the API answers the two differently.

/** Characters that may stand in a host as they are. Percent is dealt with apart. */
const HOST = /^[\w\-.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]*$/
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i
/** In a host only bytes beyond ASCII, and the percent sign itself, may be escaped. */
const BAD_HOST_ESCAPE = /%(?!25|[89a-f][0-9a-f])/i
const USER_INFO = /^[\w\-.~!$&'()*+,;=:%@]*$/

export function isRequestUri(text: string): boolean {
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false
  if (text === '*') return true
  if (text.startsWith(':')) return false
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? ''
  const rest = (/^[^?]*/.exec(text.slice(scheme.length)) ?? [''])[0]
  // `mailto:x`, `https:host`: opaque, so nothing in it is looked at
  if (!rest.startsWith('/')) return scheme !== ''
  if (scheme === '' || !rest.startsWith('//')) return !BAD_ESCAPE.test(rest)
  const authority = (/^[^/]*/.exec(rest.slice(2)) ?? [''])[0]
  return isAuthority(authority) && !BAD_ESCAPE.test(rest.slice(2 + authority.length))
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  const userInfo = authority.slice(0, Math.max(at, 0))
  const host = authority.slice(at + 1)
  if (!USER_INFO.test(userInfo) || BAD_ESCAPE.test(userInfo)) return false
  if (!HOST.test(host) || BAD_HOST_ESCAPE.test(host)) return false
  if (host.startsWith('[')) return /^\[[^[\]]*\](?::\d*)?$/.test(host)
  const colon = host.lastIndexOf(':')
  return colon < 0 || /^\d*$/.test(host.slice(colon + 1))
}
