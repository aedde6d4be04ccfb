// Words of people and programs on their way into a mail: one line, of bearable length, and nothing that a mail program would make a link of.

const LENGTH = 120
/** Line ends, controls, blanks in a row, and signs that turn the direction of what follows. */
const BETWEEN = /[\p{Cc}\p{Zl}\p{Zp}\s\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu

/** For headers: one line. */
export function oneLine(text: string): string {
  const line = [...text.replace(BETWEEN, ' ').trim()]
  return line.length > LENGTH ? `${line.slice(0, LENGTH - 1).join('')}…` : line.join('')
}

/** For bodies: `evil.example` and `https://evil` look the same afterwards, but lead nowhere. Addresses of machines stay as they are. */
export const harmless = (text: string): string =>
  oneLine(text)
    .replace(/(?<=[\p{L}\p{N}])\.(?=\p{L})/gu, '\u2024')
    .replaceAll('://', ':\u2215\u2215')
