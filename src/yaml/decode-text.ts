// Bytes of a YAML file to text: UTF-8 or, told by its byte order mark, UTF-16. Refuses what isn't text, with the line.
import { isUtf8 } from 'node:buffer'
import type { Problem } from './problem.ts'

/** Files beyond this are a mistake (a log, a database), not a configuration. */
export const MAX_BYTES = 64 * 1024 * 1024

export type DecodedText =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly [Problem] }

/** @param file as it shall stand in the Problem's position */
export function decodeText(bytes: Uint8Array, file: string): DecodedText {
  const invalid = (line: number, code: string, message: string, hint: string): DecodedText => ({
    kind: 'invalid',
    problems: [{ severity: 'error', code, message, hint, position: { file, line, column: 1 } }],
  })
  if (bytes.length > MAX_BYTES) {
    return invalid(1, 'file-too-large', 'The file is larger than 64 MiB.', 'Check that this is the right file.')
  }
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  if (utf16) {
    try {
      return { kind: 'ok', text: new TextDecoder(utf16, { fatal: true }).decode(bytes) }
    } catch {
      return invalid(1, 'not-text', 'The file begins as UTF-16 but is not valid UTF-16.', 'Save it as UTF-8.')
    }
  }
  if (isUtf8(bytes)) return { kind: 'ok', text: new TextDecoder('utf-8').decode(bytes) }
  return invalid(firstBadLine(bytes), 'not-text', 'The file is not valid UTF-8 here.', 'Save it as UTF-8.')
}

function firstBadLine(bytes: Uint8Array): number {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline
    if (!isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
  return line
}
