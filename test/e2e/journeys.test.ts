// Whole journeys of people, through a real nginx in a real browser: what somebody goes through who needs a second factor, has lost it, has forgotten
// a password. With LATCHKEY_SCREENSHOTS=folder every stop on the way is pictured there.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { VirtualAuthenticator } from '../browser/authenticator.ts'
import { chromiumMissing, openChromium, type RunningChromium } from '../browser/chromium.ts'
import { type Lab, startLab, TOTP_SECRET } from './lab.ts'

const example = readFileSync(join(import.meta.dirname, '..', '..', 'examples', 'nginx', 'configuration.yml'), 'utf8')
// Anybody may be asked for a second factor, and passkeys sign in.
const configuration = `${example.replace("      subject: 'group:admins'\n", '')}webauthn:\n  enable_passkey_login: true\n`
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const NEW_PASSWORD = 'violet umbrella quartz train'
const pictures = process.env['LATCHKEY_SCREENSHOTS']

interface Stroll {
  readonly page: Page
  readonly context: BrowserContext
  /** Looks at the page: a picture, and what a screen reader would stumble over. */
  stop(name: string): Promise<void>
}

describe('journeys', { skip: chromiumMissing, concurrency: false }, () => {
  let lab: Lab
  let browser: RunningChromium
  let missing: string | undefined
  before(async () => {
    const started = await startLab('nginx', [{ path: 'configuration.yml', text: configuration }])
    if (started.kind === 'missing') {
      missing = started.hint
      return
    }
    lab = started
    const opened = await openChromium()
    assert.ok(opened.kind === 'running')
    browser = opened
  })
  after(async () => {
    await browser?.close()
    await lab?.stop()
  })

  const journey = (name: string, walk: (stroll: Stroll) => Promise<void>, options: { script?: boolean } = {}): void => {
    test(name, async (t) => {
      if (missing !== undefined) return t.skip(missing)
      const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: options.script !== false })
      const page = await context.newPage()
      page.setDefaultTimeout(20_000)
      let stops = 0
      const stop = async (what: string): Promise<void> => {
        stops++
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true })
          const file = `${name}-${String(stops).padStart(2, '0')}-${what}.png`.replace(/[^\w.-]+/g, '-')
          await page.screenshot({ path: join(pictures, file), fullPage: true })
        }
        if (options.script === false) return
        // By the debugger: the page's policy lets no script of ours in.
        await page.evaluate(AXE)
        const violations = await page.evaluate<{ id: string }[]>(
          `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations)`,
        )
        assert.deepEqual(
          violations.map(({ id }) => id),
          [],
          what,
        )
      }
      try {
        await walk({ page, context, stop })
      } catch (error) {
        throw new Error(`${page.url()}: ${await page.locator('body').innerText()}`, { cause: error })
      } finally {
        await context.close()
      }
    })
  }

  /** The newest mail's text once it says `what`. */
  const mail = async (what: RegExp): Promise<string> => {
    for (let left = 200; left > 0; left--) {
      try {
        const text = readFileSync(join(lab.folder, 'notifications.txt'), 'utf8')
        const found = what.exec(text)
        if (found) return found[1] ?? found[0]
      } catch {
        // None was sent yet.
      }
      await wait(50)
    }
    throw new Error(`no mail says ${what}`)
  }
  let lastCode = ''
  const mailedCode = async (): Promise<string> => {
    for (let left = 100; left > 0; left--) {
      const code = await mail(/^([A-Z2-9]{8})$/m)
      if (code !== lastCode) {
        lastCode = code
        return code
      }
      await wait(50)
    }
    throw new Error('no new code came')
  }
  const signIn = async (page: Page, username: string, password: string): Promise<void> => {
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  /** The application's page tells the headers that it got. */
  const isInside = async (page: Page, username: string): Promise<void> => {
    await page.waitForURL((url) => !url.hostname.startsWith('auth.'))
    assert.match(await page.locator('body').innerText(), new RegExp(`"?remote-user"?\\W+${username}`, 'i'))
  }
  const confirmByMail = async ({ page, stop }: Stroll): Promise<void> => {
    await page.getByRole('heading', { name: 'Confirm it’s you' }).waitFor()
    await stop('confirm')
    await page.getByRole('button', { name: 'Mail me a code' }).click()
    await page.getByLabel('Code from the mail').waitFor()
    await stop('code-by-mail')
    await page.getByLabel('Code from the mail').fill(await mailedCode())
    await page.getByRole('button', { name: 'Continue' }).click()
  }
  const signOut = async (page: Page): Promise<void> => {
    await page.goto(lab.url('auth', '/logout'))
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You’re signed out' }).waitFor()
  }
  let kept: Awaited<ReturnType<VirtualAuthenticator['keys']>> = []
  let recoveryCodes: string[] = []

  journey('a first sign-in that demands a passkey', async (stroll) => {
    const { page, stop } = stroll
    const authenticator = await VirtualAuthenticator.at(page)
    await page.goto(lab.url('admin', '/reports?year=2026'))
    await stop('sign-in')
    await signIn(page, 'bob', 'password')
    await page.getByRole('heading', { name: 'One more step is needed' }).waitFor()
    await stop('choose')
    await page.getByRole('link', { name: /^Passkey/ }).click()
    await confirmByMail(stroll)
    await page.getByLabel('Name').fill('Laptop')
    await stop('add-passkey')
    await page.getByRole('button', { name: 'Create passkey' }).click()
    await isInside(page, 'bob')
    assert.equal(page.url(), lab.url('admin', '/reports?year=2026'))
    await page.goto(lab.url('auth', '/account/security'))
    await page.getByText('Laptop').waitFor()
    await stop('account')
    await page.getByRole('link', { name: 'Make recovery codes' }).click()
    await page.getByRole('button', { name: 'Make ten codes' }).click()
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    await stop('recovery-codes')
    recoveryCodes = (await page.locator('main').innerText()).match(/\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b/g) ?? []
    assert.equal(new Set(recoveryCodes).size, 10)
    kept = await authenticator.keys()
    assert.equal(kept.length, 1)
  })

  journey('a passkey from the suggestions of the sign-in page', async ({ page, stop }) => {
    const authenticator = await VirtualAuthenticator.at(page)
    await authenticator.bring(kept)
    await page.goto(lab.url('app', '/'))
    await isInside(page, 'bob')
    await page.goto(lab.url('auth', '/'))
    await page.getByText('Signed in with a passkey').waitFor()
    await stop('signed-in')
  })

  journey('a lost phone: a recovery code, and a new passkey', async (stroll) => {
    const { page, stop } = stroll
    const authenticator = await VirtualAuthenticator.at(page)
    await page.goto(lab.url('admin', '/'))
    await signIn(page, 'bob', 'password')
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    await stop('passkey-is-lost')
    await page.getByRole('link', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill('AAAA-AAAA-AAAA')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByRole('alert').waitFor()
    await stop('wrong-code')
    // As people type it.
    await page.getByLabel('Recovery code').fill(` ${recoveryCodes[0]?.toLowerCase().replaceAll('-', ' ')} `)
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.waitForURL((url) => !url.pathname.startsWith('/2fa'))
    await page.goto(lab.url('auth', '/account/security'))
    await page.getByText('9 left').waitFor()
    await stop('account')
    await page.getByRole('link', { name: 'Add a passkey' }).click()
    await page
      .getByLabel('Name')
      .or(page.getByRole('heading', { name: 'Confirm it’s you' }))
      .first()
      .waitFor()
    if (await page.getByRole('heading', { name: 'Confirm it’s you' }).isVisible()) await confirmByMail(stroll)
    await page.getByLabel('Name').fill('New phone')
    await page.getByRole('button', { name: 'Create passkey' }).click()
    await page.getByRole('status').getByText('you can use this passkey').waitFor()
    await page.goto(lab.url('auth', '/account/security'))
    await page.getByRole('link', { name: /Remove.*Laptop|Laptop.*Remove/ }).click()
    await stop('remove-the-lost-one')
    await page.locator('main').getByRole('button').last().click()
    await page.waitForURL((url) => url.pathname === '/account/security')
    assert.equal(await page.getByText('Laptop').count(), 0)
    await stop('account-afterwards')
    // The code worked once; the new passkey opens the door.
    await signOut(page)
    await authenticator.setPresent(false)
    await page.goto(lab.url('admin', '/'))
    await signIn(page, 'bob', 'password')
    await page.getByRole('link', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(recoveryCodes[0] ?? '')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByRole('alert').waitFor()
    await authenticator.setPresent(true)
    await page.goto(lab.url('admin', '/'))
    await page.getByRole('button', { name: 'Use passkey' }).click()
    await isInside(page, 'bob')
  })

  journey('an application that asks for more than the password', async ({ page, stop }) => {
    await page.goto(lab.url('app', '/'))
    await signIn(page, 'alice', 'password')
    await isInside(page, 'alice')
    await page.goto(lab.url('admin', '/'))
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    await stop('step-up')
    // The last digit sends it.
    await page.locator('#code').fill(codeNow(0))
    await isInside(page, 'alice')
    await page.goto(lab.url('auth', '/account/sessions'))
    await stop('sessions')
    await page.goto(lab.url('auth', '/account/activity'))
    await stop('activity')
  })

  journey('the same without JavaScript', stepUpWithoutScript, { script: false })
  async function stepUpWithoutScript({ page, stop }: Stroll): Promise<void> {
    await page.goto(lab.url('admin', '/'))
    await signIn(page, 'alice', 'password')
    await page.locator('#code').fill(codeNow(1))
    await stop('code')
    await page.getByRole('button', { name: 'Verify' }).click()
    await isInside(page, 'alice')
  }

  journey('a forgotten password: mail, a new one, and everybody else is out', forgotten('password', NEW_PASSWORD))
  journey('the same password forgotten without JavaScript', forgotten(NEW_PASSWORD, 'seven quiet lanterns drift'), {
    script: false,
  })

  function forgotten(old: string, next: string) {
    return async ({ page, stop }: Stroll): Promise<void> => {
      const elsewhere = await browser.newContext({ ignoreHTTPSErrors: true })
      try {
        const other = await elsewhere.newPage()
        await other.goto(lab.url('app', '/'))
        await signIn(other, 'alice', old)
        await isInside(other, 'alice')

        await page.goto(lab.url('app', '/'))
        await page.getByRole('link', { name: 'Forgot your password?' }).click()
        await page.getByLabel('Username').fill('alice')
        await stop('ask')
        await page.getByRole('button', { name: 'Mail me a link' }).click()
        await page.waitForLoadState()
        await stop('asked')
        await page.goto(await mail(/^(https:\S+reset-password\/step2\?token=\S+)$/m))
        await page.getByLabel('New password', { exact: true }).fill(next)
        await page.getByLabel('New password once more').fill(next)
        await stop('new-password')
        await page.getByRole('button', { name: 'Set the new password' }).click()
        await page.getByRole('button', { name: 'Set the new password' }).waitFor({ state: 'detached' })
        await stop('done')

        await other.goto(lab.url('app', '/'))
        await other.getByLabel('Username').waitFor()
        await signIn(other, 'alice', old)
        await other.getByRole('alert').waitFor()
        await page.goto(lab.url('app', '/'))
        await signIn(page, 'alice', next)
        await isInside(page, 'alice')
        await mail(/password/i)
      } finally {
        await elsewhere.close()
      }
    }
  }
})

/** Each counts once; the next step's counts already. */
function codeNow(stepsAhead: number): string {
  const secret = decodeTotpSecret(TOTP_SECRET)
  assert.ok(secret)
  return codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(Date.now(), 30) + stepsAhead)
}
