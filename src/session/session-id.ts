// The session id and what is made of it: the key it is stored under, the signed cookie value, the value of the portal's own cookie.
import { createHmac } from 'node:crypto'
import { deriveKey, equalSecret, randomToken, sha256 } from '../base/secret.ts'

/** 256 random bits. */
export const newSessionId = (): string => randomToken(32)
const ID = /^[\w-]{43}$/

/** What the store knows of an id; who reads the store can't make a cookie of it. */
export const keyOfId = (id: string): string => sha256(id).toString('hex')

/** A cookie value is `s:<id>.<HMAC-SHA256 of id>`, percent-encoded: express-session's form. */
const PREFIX = 's%3A'

export interface CookieValues {
  /** Signing secret for express-session. */
  readonly secret: string
  /** The id in a cookie value that this server signed for this cookie domain; only the exact spelling it was sent in. */
  idOf(value: string): string | undefined
  /** Value of the portal's own cookie beside the session `id`. It can't be made from what applications see. */
  portalValue(id: string): string
  isPortalValue(id: string, value: string): boolean
}

/** Each cookie domain has keys of its own, so another domain's cookie fails before the store is asked. @param secret the operator's */
export function createCookieValues(secret: string, domain: string): CookieValues {
  const signingKey = deriveKey(secret, `latchkey/session/cookie/${domain}`).toString('base64')
  const portalKey = deriveKey(secret, `latchkey/session/portal-cookie/${domain}`)
  const signature = (id: string) => createHmac('sha256', signingKey).update(id).digest('base64').replace(/=+$/, '')
  const portalValue = (id: string) => createHmac('sha256', portalKey).update(id).digest('base64url')
  return {
    secret: signingKey,
    idOf(value) {
      // 3 × 43 is the longest a signature can be in percent-encoding
      if (!value.startsWith(PREFIX) || value.length > PREFIX.length + 43 + 1 + 129) return undefined
      const id = value.slice(PREFIX.length, PREFIX.length + 43)
      if (!ID.test(id)) return undefined
      return equalSecret(value, `${PREFIX}${id}.${encodeURIComponent(signature(id))}`) ? id : undefined
    },
    portalValue,
    isPortalValue: (id, value) => equalSecret(value, portalValue(id)),
  }
}
