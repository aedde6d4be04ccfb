// Writes DER (ITU-T X.690): the few types that certificates' companions are made of. Reads nothing.

const encode = (tag: number, content: Uint8Array): Buffer => {
  const { length } = content
  const size: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256)
  const header = length < 128 ? [length] : [0x80 | size.length, ...size]
  return Buffer.concat([Buffer.of(tag, ...header), content])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => encode(0x30, Buffer.concat(parts))
/** Of one element: more would have to be sorted. */
export const setOfOne = (part: Uint8Array): Buffer => encode(0x31, part)
export const octets = (content: Uint8Array): Buffer => encode(0x04, content)
export const nothing = (): Buffer => encode(0x05, Buffer.alloc(0))
/** [n], constructed. */
export const tagged = (n: number, content: Uint8Array): Buffer => encode(0xa0 | n, content)
/** [n], primitive: an implicitly tagged string. */
export const taggedString = (n: number, content: Uint8Array): Buffer => encode(0x80 | n, content)
/** UTF-16, big endian. */
export const bmpString = (text: string): Buffer => encode(0x1e, Buffer.from(text, 'utf16le').swap16())

/** Not negative, at most 2^53. */
export function integer(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  // A leading bit means a negative number, and no bytes mean nothing.
  if (bytes.length === 0 || (bytes[0] ?? 0) > 127) bytes.unshift(0)
  return encode(0x02, Buffer.from(bytes))
}

/** `1.2.840.…`: object identifier. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number % 128]
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(128 + (left % 128))
    return groups
  })
  return encode(0x06, Buffer.from(bytes))
}
