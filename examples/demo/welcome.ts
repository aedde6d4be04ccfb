// What the demo prints: where to go, who to be, the one-time code, and how to make the browser content.
import { type DemoUser, DOMAIN } from './throwaway.ts'

export interface Welcome {
  readonly proxy: string | undefined
  readonly port: number
  readonly users: readonly DemoUser[]
  /** What `latchkey storage user totp generate --qr` printed for the first user. */
  readonly device: string
  readonly authority: string
  readonly folder: string
  readonly canAskForCodes: boolean
}

/** The secret in an otpauth address, base32. */
export const secretIn = (device: string): string | undefined => /[?&]secret=([A-Z2-7]+)/.exec(device)?.[1]

export function welcome({ proxy, port, users, device, authority, folder, canAskForCodes }: Welcome): string {
  const url = (host: string): string => `https://${host}.${DOMAIN}:${port}`.padEnd(44)
  const qr = device.slice(device.indexOf('otpauth://')).replace(/^.*\n/, '')
  const lines = users.map(
    (user) => `  ${user.name.padEnd(8)}${user.password.padEnd(32)}groups: ${user.groups.join(', ')}`,
  )
  return `
Latchkey runs behind ${proxy ?? 'a small proxy of its own'}. Open in a browser on this machine:

  ${url('app')}an application that needs a password
  ${url('admin')}needs a password and a one-time code
  ${url('public')}is open to everyone
  ${url('denied')}is closed to everyone
  ${url('auth')}the portal, where one signs in

Sign in as            password
${lines.join('\n')}

One-time codes for ${users[0]?.name}: scan this with an authenticator app, or type in the secret${canAskForCodes ? ', or press Enter here for the code of now' : ''}.
  secret  ${secretIn(device)}
${qr.trimEnd()}

The browser will warn about the certificate. Go on past the warning, or trust this run's authority, which can vouch for nothing but ${DOMAIN}:
  ${authority}
  (Chrome, Firefox: Settings > certificates > Authorities > Import. curl: --cacert. Take it out again afterwards.)

Everything lives in ${folder} and goes when you press Ctrl-C.
`
}
