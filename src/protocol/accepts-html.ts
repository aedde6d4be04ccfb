// Whether an Accept header means a browser that shows pages. Authelia's reading, not RFC 9110's: weights and ranges such as text/* say nothing.

export function acceptsHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false
  const items = accept.split(',').map((item) => (item.split(';', 1)[0] ?? '').trim())
  return items[0] === '*/*' || items.includes('text/html')
}
