// Every page of the portal, and how a browser comes to it. Used by the screenshots and by the tests that hold for all pages.
import type { Page } from 'playwright-core'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { device } from '../login/duo/stand-in.ts'
import { ELEVATED_SESSION } from '../login/fixture.ts'
import { WEBAUTHN } from '../login/webauthn-storage.ts'
import { CODE, PASSWORD } from '../portal/lab.ts'
import type { Stage } from '../portal/stage.ts'
import { addPasskey } from '../portal/steps.ts'

export interface Scene {
  readonly settings?: Partial<PortalSettings>
  /** Ends with the page on show. */
  play(page: Page, stage: Stage): Promise<void>
}

/** Signs in by the form; ends at whatever page comes after it. */
export const signInTo = async (page: Page, stage: Stage, username: string, target?: string): Promise<void> => {
  const query = target ? `/?${new URLSearchParams({ rd: target, rm: 'GET' })}` : '/'
  await page.goto(stage.at('auth', query))
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => url.href.includes('done=') || !url.hostname.startsWith('auth.'))
}

/** The code that the secret on the page makes now. */
export const firstCode = async (page: Page, stage: Stage): Promise<string> => {
  const text = (await page.locator('#secret').textContent()) ?? ''
  const secret = decodeTotpSecret(text.replaceAll(' ', ''))
  if (!secret) throw new Error(`no secret in ${text}`)
  return codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(stage.clock.now(), 30))
}

/** Ends where one may have a message sent to one's phone, or one of them. */
const playPush = async (page: Page, stage: Stage, ...phones: readonly string[]): Promise<void> => {
  stage.duo.users.set('alice', { kind: 'auth', devices: phones.map((name) => device(name)) })
  await signInTo(page, stage, 'alice', stage.at('vault'))
  await page.goto(
    stage.at('auth', `/2fa/push-notification?${new URLSearchParams({ rd: stage.at('vault'), rm: 'GET' })}`),
  )
}

/** Signed in with both factors, on the account page. */
export const atAccount = async (page: Page, stage: Stage, path = '/account'): Promise<void> => {
  await signInTo(page, stage, 'alice', stage.at('vault'))
  await page.getByLabel('One-time code').fill(CODE)
  // Where there is something to choose besides, the code isn't sent by itself.
  if (stage.settings.trustedBrowser > 0) await page.getByRole('button', { name: 'Verify' }).click()
  await page.waitForURL((url) => url.href === stage.at('vault'))
  await page.goto(stage.at('auth', path))
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** What happened to the account before. */
const withPast = async (stage: Stage): Promise<void> => {
  const now = stage.clock.now()
  const userAgent = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0'
  const attempt = { banned: false, username: 'alice', remoteAddress: '203.0.113.7', requestMethod: 'GET', userAgent }
  stage.attempts.push(
    { ...attempt, time: now - 8 * 86_400_000, successful: true, kind: 'Recovery', requestUri: '' },
    { ...attempt, time: now - 2 * 86_400_000, successful: false, kind: '1FA', requestUri: stage.at('vault', '/x') },
    { ...attempt, time: now - 3_600_000, successful: true, kind: '1FA', requestUri: stage.at('app', '/x') },
    { ...attempt, time: now - 3_590_000, successful: true, kind: 'TOTP', requestUri: stage.at('app', '/x') },
    { ...attempt, time: now - 60_000, successful: false, banned: true, kind: '1FA', requestUri: '' },
  )
  await stage.recovery.save('alice', ['AAAABBBBCCCC', 'DDDDEEEEFFFF'], now - 40 * 86_400_000)
  const browser = { username: 'alice', network: '203.0.113.0/24', now: now - 7_200_000 }
  for (const [id, ofBrowser] of [
    ['a'.repeat(64), userAgent],
    ['b'.repeat(64), 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1'],
  ] as const)
    await stage.browsers.trust({ ...browser, id, userAgent: ofBrowser }, now + 20 * 86_400_000, 'stamp of alice')
}
/** The second factor alone proves it, no code by mail. */
export const FACTOR_IS_ENOUGH: Scene['settings'] = { elevatedSession: { ...ELEVATED_SESSION, skipSecondFactor: true } }
/** Asked for the code all the same. */
const withPasskeys = async (stage: Stage): Promise<void> => {
  stage.preferences.set('alice', { method: 'totp' })
  for (const name of ['Laptop', 'Blue key']) await addPasskey(stage, 'alice', name, new URL(stage.at('auth')).hostname)
}
const TRUSTING: Scene['settings'] = { trustedBrowser: 30 * 86_400_000 }

const PASSKEYS: Scene['settings'] = { webauthn: { ...WEBAUTHN, passkeyLogin: true } }

/** As bob, with the browser's own authenticator, which is touched at once until it isn't. */
const registerPasskey = async (page: Page, stage: Stage): Promise<(enabled: boolean) => Promise<void>> => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable', { enableUI: false })
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  })
  await signInTo(page, stage, 'bob')
  await page.goto(stage.at('auth', '/register/passkey'))
  await page.getByLabel('Name', { exact: true }).fill('Laptop')
  await page.getByRole('button', { name: 'Create passkey' }).click()
  await page.getByRole('status').waitFor()
  return async (enabled) => {
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  }
}

/** Bob has a passkey and is signed out. @returns what lets the authenticator be touched again */
const withPasskey = async (page: Page, stage: Stage): Promise<() => Promise<void>> => {
  const setPresent = await registerPasskey(page, stage)
  // Else the sign-in page would sign in by itself.
  await setPresent(false)
  await page.goto(stage.at('auth', '/logout'))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'You’re signed out' }).waitFor()
  return () => setPresent(true)
}

export const askForReset = async (page: Page, stage: Stage): Promise<void> => {
  await page.goto(stage.at('auth', '/reset-password/step1'))
  await page.getByLabel('Username').fill('alice')
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
}
export const mailedLink = (stage: Stage): string => (stage.mails.at(-1) as Mail<'reset-password'>).values.resetUrl

export const SCENES: Readonly<Record<string, Scene>> = {
  'sign-in': {
    async play(page, stage) {
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app', '/x'), rm: 'GET' })}`))
    },
  },
  'sign-in-refused': {
    settings: { passwordResetUrl: 'https://reset.example.com/' },
    async play(page, stage) {
      await page.goto(stage.at('auth'))
      await page.getByLabel('Username').fill('alice')
      await page.getByLabel('Password', { exact: true }).fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  'sign-in-unsafe': {
    async play(page, stage) {
      await page.goto(stage.at('auth', '/?rd=https://evil.example'))
    },
  },
  'sign-in-cookie-lost': {
    async play(page, stage) {
      await page.goto(stage.at('auth', '/?done=sign-in'))
    },
  },
  'sign-in-grey': {
    settings: { theme: 'grey' },
    async play(page, stage) {
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app', '/x'), rm: 'GET' })}`))
    },
  },
  'sign-in-oled': {
    settings: { theme: 'oled' },
    async play(page, stage) {
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app', '/x'), rm: 'GET' })}`))
    },
  },
  code: {
    async play(page, stage) {
      await signInTo(page, stage, 'alice', stage.at('vault'))
    },
  },
  'code-refused': {
    async play(page, stage) {
      await signInTo(page, stage, 'alice', stage.at('vault'))
      await page.getByLabel('One-time code').fill('000000')
      await page.getByRole('alert').waitFor()
    },
  },
  'choose-factor': {
    settings: { hasDuo: true },
    async play(page, stage) {
      stage.codes.delete('alice')
      await signInTo(page, stage, 'alice', stage.at('vault'))
    },
  },
  push: {
    settings: { hasDuo: true },
    async play(page, stage) {
      await playPush(page, stage, 'D1')
    },
  },
  'push-denied': {
    settings: { hasDuo: true },
    async play(page, stage) {
      await playPush(page, stage, 'D1')
      await page.getByRole('button', { name: 'Send the message' }).click()
      await page.getByRole('heading', { name: 'Look at your phone' }).waitFor()
      stage.duo.answer({ kind: 'deny', reason: 'denied' })
      await page.getByRole('alert').waitFor()
    },
  },
  'push-wait': {
    settings: { hasDuo: true },
    async play(page, stage) {
      await playPush(page, stage, 'D1')
      await page.getByRole('button', { name: 'Send the message' }).click()
      await page.getByRole('heading', { name: 'Look at your phone' }).waitFor()
    },
  },
  'push-device': {
    settings: { hasDuo: true },
    async play(page, stage) {
      await playPush(page, stage, 'D1', 'D2')
      await page.goto(stage.at('auth', '/2fa/push-notification/device'))
    },
  },
  'push-passcode': {
    settings: { hasDuo: true },
    async play(page, stage) {
      await playPush(page, stage, 'D1')
      await page.goto(stage.at('auth', '/2fa/push-notification/passcode'))
    },
  },
  'sign-in-passkey': {
    settings: PASSKEYS,
    async play(page, stage) {
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app', '/x'), rm: 'GET' })}`))
      await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
    },
  },
  'register-passkey': {
    settings: PASSKEYS,
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/register/passkey'))
      await page.getByRole('button', { name: 'Create passkey' }).waitFor()
    },
  },
  passkey: {
    settings: PASSKEYS,
    async play(page, stage) {
      await withPasskey(page, stage)
      await signInTo(page, stage, 'bob', stage.at('vault'))
      await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    },
  },
  'second-password': {
    settings: PASSKEYS,
    async play(page, stage) {
      const touched = await withPasskey(page, stage)
      await touched()
      // The authenticator chooses at once, as somebody does who taps the suggestion.
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('vault'), rm: 'GET' })}`))
      await page.getByRole('heading', { name: 'Enter your password', level: 1 }).waitFor()
    },
  },
  'account-passkeys': {
    settings: PASSKEYS,
    async play(page, stage) {
      await registerPasskey(page, stage)
      await page.goto(stage.at('auth', '/account/security'))
    },
  },
  'confirm-password': {
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      stage.clock.advance(5 * 60_000)
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('vault'), rm: 'GET' })}`))
      await page.getByRole('heading', { name: 'Confirm' }).waitFor()
    },
  },
  'confirm-mail': {
    async play(page, stage) {
      stage.codes.delete('alice')
      await signInTo(page, stage, 'alice')
      await page.goto(stage.at('auth', '/register/one-time-code'))
      await page.getByRole('button', { name: 'Mail me a code' }).waitFor()
    },
  },
  'confirm-code': {
    async play(page, stage) {
      stage.codes.delete('alice')
      await signInTo(page, stage, 'alice')
      await page.goto(stage.at('auth', '/register/one-time-code'))
      await page.getByRole('button', { name: 'Mail me a code' }).click()
      await page.getByLabel('Code from the mail').fill('WRONGXXX')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  'ask-reset': {
    settings: { passwordResetDisabled: false },
    async play(page, stage) {
      await page.goto(stage.at('auth', '/reset-password/step1'))
    },
  },
  'reset-asked': {
    settings: { passwordResetDisabled: false },
    async play(page, stage) {
      await askForReset(page, stage)
    },
  },
  'reset-password': {
    settings: { passwordResetDisabled: false },
    async play(page, stage) {
      await askForReset(page, stage)
      await page.goto(mailedLink(stage))
    },
  },
  'reset-password-refused': {
    settings: { passwordResetDisabled: false },
    async play(page, stage) {
      await askForReset(page, stage)
      await page.goto(mailedLink(stage))
      await page.getByLabel('New password', { exact: true }).fill('short')
      await page.getByLabel('New password once more').fill('other')
      await page.getByRole('button', { name: 'Set the new password' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  'reset-gone': {
    settings: { passwordResetDisabled: false },
    async play(page, stage) {
      await page.goto(stage.at('auth', '/reset-password/step2?token=nonsense'))
    },
  },
  'revoke-reset': {
    settings: { passwordResetDisabled: false },
    async play(page, stage) {
      await page.goto(stage.at('auth', '/revoke/reset-password?token=nonsense'))
    },
  },
  'change-password': {
    settings: { passwordChangeDisabled: false, ...FACTOR_IS_ENOUGH },
    async play(page, stage) {
      await atAccount(page, stage, '/account/password')
      await page.getByLabel('New password', { exact: true }).fill('tuesday copper')
      await page.locator('.bar:not([data-score=""])').waitFor()
    },
  },
  'revoke-code': {
    async play(page, stage) {
      await page.goto(stage.at('auth', '/revoke/one-time-code?id=AAAAAAAAAAAAAAAAAAAAAA'))
    },
  },
  register: {
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('vault'), rm: 'GET' })}`))
      await page.getByRole('heading', { name: 'Set up' }).waitFor()
    },
  },
  'register-refused': {
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/register/one-time-code'))
      await page.getByText('Can’t scan it?').click()
      await page.getByLabel('One-time code').fill('000000')
      await page.getByRole('alert').waitFor()
      await page.getByText('Can’t scan it?').click()
    },
  },
  registered: {
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/register/one-time-code'))
      await page.getByLabel('One-time code').fill(await firstCode(page, stage))
      await page.getByRole('status').waitFor()
    },
  },
  'signed-in': {
    async play(page, stage) {
      await signInTo(page, stage, 'alice')
    },
  },
  'sent-back': {
    async play(page, stage) {
      await signInTo(page, stage, 'alice', stage.at('app'))
      await page.waitForURL(stage.at('app'))
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app'), rm: 'GET' })}`))
    },
  },
  'sign-out': {
    async play(page, stage) {
      await signInTo(page, stage, 'alice')
      await page.goto(stage.at('auth', '/logout'))
    },
  },
  'signed-out': {
    async play(page, stage) {
      await page.goto(stage.at('auth', `/logout?${new URLSearchParams({ rd: stage.at('app') })}`))
    },
  },
  leaving: {
    async play(page, stage) {
      await signInTo(page, stage, 'alice')
      // The page goes on at once; what it looks like is kept by an application that answers with nothing.
      await page.route(`${stage.at('app')}**`, (route) => route.fulfill({ status: 204 }))
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app'), rm: 'GET', done: 'sign-in' })}`))
    },
  },
  forbidden: {
    async play(page, stage) {
      await signInTo(page, stage, 'alice', stage.at('deny'))
    },
  },
  'no-second-factor': {
    settings: { totpDisabled: true },
    async play(page, stage) {
      await signInTo(page, stage, 'alice', stage.at('vault'))
    },
  },
  'not-found': {
    async play(page, stage) {
      await page.goto(stage.at('auth', '/nothing/here'))
    },
  },
  'too-many': {
    async play(page, stage) {
      stage.mood = 'throttled'
      await page.goto(stage.at('auth'))
      await page.getByLabel('Username').fill('alice')
      await page.getByLabel('Password', { exact: true }).fill('x')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Too many' }).waitFor()
    },
  },
  error: {
    async play(page, stage) {
      stage.mood = 'broken'
      await page.goto(stage.at('auth'))
      await page.getByLabel('Username').fill('alice')
      await page.getByLabel('Password', { exact: true }).fill('x')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'wrong' }).waitFor()
    },
  },
  'cross-site': {
    async play(page, stage) {
      stage.pages.set(
        'app/csrf',
        `<form method="post" action="${stage.at('auth', '/logout')}"><button>go</button></form>`,
      )
      await page.goto(stage.at('app', '/csrf'))
      await page.getByRole('button').click()
      await page.getByRole('heading', { name: 'come from here' }).waitFor()
    },
  },
  'wrong-host': {
    settings: { cookies: [] },
    async play(page, stage) {
      await page.goto(stage.at('auth'))
    },
  },
  'code-trust': {
    settings: TRUSTING,
    async play(page, stage) {
      await stage.recovery.save('alice', ['AAAABBBBCCCC'], stage.clock.now())
      await signInTo(page, stage, 'alice', stage.at('vault'))
    },
  },
  recovery: {
    async play(page, stage) {
      await stage.recovery.save('alice', ['AAAABBBBCCCC'], stage.clock.now())
      await signInTo(page, stage, 'alice', stage.at('vault'))
      await page.getByRole('link', { name: 'recovery code' }).click()
    },
  },
  'recovery-refused': {
    async play(page, stage) {
      await stage.recovery.save('alice', ['AAAABBBBCCCC'], stage.clock.now())
      await signInTo(page, stage, 'alice', stage.at('vault'))
      await page.getByRole('link', { name: 'recovery code' }).click()
      await page.getByLabel('Recovery code').fill('0000-0000-0000')
      await page.getByRole('button', { name: 'Verify' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  recovered: {
    async play(page, stage) {
      await stage.recovery.save('alice', ['AAAABBBBCCCC', 'DDDDEEEEFFFF'], stage.clock.now())
      await signInTo(page, stage, 'alice', stage.at('vault'))
      await page.getByRole('link', { name: 'recovery code' }).click()
      await page.getByLabel('Recovery code').fill('aaaa bbbb cccc')
      await page.getByRole('button', { name: 'Verify' }).click()
      await page.getByRole('status').waitFor()
    },
  },
  account: {
    async play(page, stage) {
      await withPast(stage)
      await atAccount(page, stage)
    },
  },
  'account-new': {
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/account'))
    },
  },
  'account-sessions': {
    async play(page, stage) {
      const other = await page.context().browser()?.newContext({
        ignoreHTTPSErrors: true,
        userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1',
      })
      if (other) {
        await signInTo(await other.newPage(), stage, 'alice')
        await other.close()
      }
      stage.clock.advance(3 * 3_600_000)
      await atAccount(page, stage, '/account/sessions?done=session-ended')
    },
  },
  'account-activity': {
    async play(page, stage) {
      await withPast(stage)
      await atAccount(page, stage, '/account/activity')
    },
  },
  'account-preferences': {
    async play(page, stage) {
      await atAccount(page, stage, '/account/preferences')
    },
  },
  'account-security': {
    settings: { ...TRUSTING, ...PASSKEYS, passwordChangeDisabled: false },
    async play(page, stage) {
      await withPast(stage)
      await withPasskeys(stage)
      await atAccount(page, stage, '/account/security')
    },
  },
  'rename-passkey': {
    settings: { ...FACTOR_IS_ENOUGH, ...PASSKEYS },
    async play(page, stage) {
      await withPasskeys(stage)
      const [first] = await stage.webauthn.list({ username: 'alice' })
      await atAccount(page, stage, `/account/passkeys/rename?id=${first?.id}`)
    },
  },
  'account-security-new': {
    async play(page, stage) {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/account/security'))
    },
  },
  'recovery-codes-make': {
    settings: FACTOR_IS_ENOUGH,
    async play(page, stage) {
      await withPast(stage)
      await atAccount(page, stage, '/account/recovery-codes')
    },
  },
  'recovery-codes': {
    settings: FACTOR_IS_ENOUGH,
    async play(page, stage) {
      await atAccount(page, stage, '/account/recovery-codes')
      await page.getByRole('button', { name: 'Make' }).click()
      await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    },
  },
  'confirm-change': {
    settings: FACTOR_IS_ENOUGH,
    async play(page, stage) {
      await atAccount(page, stage, '/account/one-time-code/remove')
    },
  },
}
