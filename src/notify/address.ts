// To whom a mail may go: one plain address (RFC 5321 Mailbox without quotes, comments and literals). Nothing is parsed out of a longer text, so a
// text that holds two of them, a group or a header is none.

const ADDRESS = /^[^\s"(),:;<>@[\\\]\p{Cc}\p{Zl}\p{Zp}]+@[^\s"(),:;<>@[\\\]\p{Cc}\p{Zl}\p{Zp}]+$/u
/** RFC 5321 §4.5.3.1.3, without the angle brackets. */
const LENGTH = 254

export const isAddress = (text: string): boolean => ADDRESS.test(text) && Buffer.byteLength(text) <= LENGTH
