// Text into HTML: the one place that escapes, and the one type that isn't escaped again.
import { Verbatim } from '../../base/template.ts'

/** HTML made by our own code (a rendered page, a QR code). Never built from what a visitor sent. */
export class Html extends Verbatim {}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Safe as element content and inside a quoted attribute; nowhere else (no script, no style, no unquoted attribute). */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

/** Characters that fit on a line of the smallest phone, in bold and beside an icon. */
const SHORT = 17

/** A host name as element content: a long one breaks after its dots, and nowhere else while that is enough. */
export const breakableHost = (host: string): Html =>
  new Html(host.length <= SHORT ? escapeHtml(host) : escapeHtml(host).replaceAll('.', '.<wbr>'))
