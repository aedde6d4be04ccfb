// What somebody signed in may see of himself, and which second factor he prefers.
import { ko, MESSAGES, ok } from './answer.ts'
import { availableMethods } from './configuration.ts'
import { readFields } from './json-body.ts'
import type { Call, Route, SignedIn } from './route.ts'

const hasTotp = async ({ deps, visit }: Call, username: string): Promise<boolean> =>
  !visit.settings.totpDisabled && (await deps.storage.totp.find(username)) !== undefined

const info = ({ user }: SignedIn, emails: readonly string[] | null, method: string, totp: boolean) => ({
  display_name: user.displayName,
  emails,
  method,
  has_totp: totp,
  has_webauthn: false,
  has_duo: false,
})

export const userInfoRoutes: readonly Route[] = [
  {
    path: '/api/user/info',
    methods: {
      GET: {
        access: 'signed-in',
        async handle(call, signedIn) {
          const { username, emails } = signedIn.user
          const preferences = await call.deps.storage.preferences.find(username)
          // as Authelia: until the first POST nothing is said of factors
          const totp = preferences !== undefined && (await hasTotp(call, username))
          ok(
            call.response,
            info(signedIn, emails.length > 0 ? emails.map(maskEmail) : null, preferences?.method ?? '', totp),
          )
        },
      },
      POST: {
        access: 'signed-in',
        async handle(call, signedIn) {
          const { deps, visit, response } = call
          const { username } = signedIn.user
          const available = availableMethods(visit.settings)
          const before = await deps.storage.preferences.find(username)
          const totp = await hasTotp(call, username)
          const wished = [before?.method, visit.settings.default2faMethod, totp ? 'totp' : undefined, available[0]]
          const method = wished.find((name) => name !== undefined && available.includes(name)) ?? ''
          if (before?.method !== method) await deps.storage.preferences.save(username, { method })
          ok(response, info(signedIn, null, method, totp))
        },
      },
    },
  },
  {
    path: '/api/user/info/2fa_method',
    methods: {
      POST: {
        access: 'signed-in',
        async handle({ response, deps, visit, body }, { user }) {
          const method = readFields(body, { method: 'string' })?.method ?? ''
          if (!availableMethods(visit.settings).includes(method)) return ko(response, 200, MESSAGES.failed)
          await deps.storage.preferences.save(user.username, { method })
          ok(response)
        },
      },
    },
  },
]

/** `john@example.com` → `j**n@example.com`; up to two characters all stars; '' for what has not exactly one `@`. */
export function maskEmail(address: string): string {
  const [local, domain, ...more] = address.split('@')
  if (local === undefined || domain === undefined || more.length > 0) return ''
  const characters = [...local]
  const stars = '*'.repeat(characters.length <= 2 ? characters.length : characters.length - 2)
  return `${characters.length <= 2 ? stars : `${characters[0]}${stars}${characters.at(-1)}`}@${domain}`
}
