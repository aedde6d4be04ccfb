// One parameter of the endpoint's own query, which an operator wrote into his proxy's configuration.

/** The first value of `name` in a raw query, decoded; undefined when there is none, '' when it is empty or can't be decoded. */
export function queryValue(query: string, name: string): string | undefined {
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    if (decoded(equals < 0 ? pair : pair.slice(0, equals)) !== name) continue
    return equals < 0 ? '' : decoded(pair.slice(equals + 1))
  }
  return undefined
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return ''
  }
}
