// An e-mail address as it is shown to whoever hasn't proven everything yet.

/** `john@example.com` → `j**n@example.com`; up to two characters all stars; '' for what has not exactly one `@`. */
export function maskEmail(address: string): string {
  const [local, domain, ...more] = address.split('@')
  if (local === undefined || domain === undefined || more.length > 0) return ''
  const characters = [...local]
  const stars = '*'.repeat(characters.length <= 2 ? characters.length : characters.length - 2)
  return `${characters.length <= 2 ? stars : `${characters[0]}${stars}${characters.at(-1)}`}@${domain}`
}
