// What people may call a passkey.

const MAX_LENGTH = 64

/** Without blanks around it; undefined when it is empty, longer than 64 characters or has control characters. */
export function readDescription(text: string): string | undefined {
  const description = text.trim().normalize('NFC')
  const length = [...description].length
  if (length === 0 || length > MAX_LENGTH || /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(description)) return undefined
  return description
}
