// One mail address as a person writes it (RFC 5322): `a@b`, `<a@b>`, `Name <a@b>`, `"A, B" <a@b>`. A list or a group is none.

export interface MailAddress {
  readonly address: string
  /** '' when none is written. */
  readonly name: string
}

const ATOM = String.raw`[\w!#$%&'*+/=?^\x60{|}~\-\u0080-\uffff]+`
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`
const DOTTED = String.raw`${ATOM}(?:\.${ATOM})*`
const ADDRESS = String.raw`(?:${DOTTED}|${QUOTED})@(?:${DOTTED}|\[[^\]]*\])`
const PHRASE = String.raw`(?:(?:[.]|${ATOM}|${QUOTED})\s*)*`
const WHOLE = new RegExp(String.raw`^\s*(?:(${ADDRESS})|(${PHRASE})<(${ADDRESS})>)\s*$`)

export function parseMailAddress(text: string): MailAddress | undefined {
  const [found, bare, phrase = '', bracketed] = WHOLE.exec(text) ?? []
  if (found === undefined) return undefined
  const name = phrase.replace(/"((?:[^"\\]|\\.)*)"/g, (_whole, quoted: string) => quoted.replace(/\\(.)/g, '$1'))
  return { address: bare ?? bracketed ?? '', name: name.trim() }
}
