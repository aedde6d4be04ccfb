// Passkeys in a real browser, with its virtual authenticator: set up, shown as a second factor, chosen from the suggestions of the sign-in form; and
// what is refused there.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { WEBAUTHN } from '../login/webauthn-storage.ts'
import { PASSWORD } from '../portal/lab.ts'
import { openStage, type Stage } from '../portal/stage.ts'
import { VirtualAuthenticator } from './authenticator.ts'
import { chromiumMissing, openChromium, type RunningChromium } from './chromium.ts'

interface Scene {
  readonly page: Page
  readonly stage: Stage
  readonly authenticator: VirtualAuthenticator
  /** What the page's policy refused. */
  readonly violations: readonly string[]
}

const ON = { webauthn: { ...WEBAUTHN, passkeyLogin: true } }

describe('passkeys in Chromium', { skip: chromiumMissing }, () => {
  let browser: RunningChromium
  before(async () => {
    const opened = await openChromium()
    assert.ok(opened.kind === 'running')
    browser = opened
  })
  after(() => browser?.close())

  async function played(play: (scene: Scene) => Promise<void>, settings: Partial<PortalSettings> = ON): Promise<void> {
    const stage = await openStage(settings)
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content.Security.Policy|violates/i.test(message.text())) violations.push(message.text())
    })
    try {
      await play({ page, stage, authenticator: await VirtualAuthenticator.at(page), violations })
      assert.deepEqual(violations, [])
    } catch (error) {
      // What was on show says more than what was waited for.
      throw new Error(`${page.url()}: ${await page.locator('main').innerText()}`, {
        cause: error,
      })
    } finally {
      await context.close()
      await stage.close()
    }
  }

  /** Name and password, whatever passkeys the browser would suggest. */
  const signIn = async ({ page, stage }: Scene, username: string, target = ''): Promise<void> => {
    await page.goto(stage.at('auth', target && `/?${new URLSearchParams({ rd: target, rm: 'GET' })}`))
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL((url) => url.href.includes('done='))
  }
  const registerAs = async (scene: Scene, username: string, name = 'Laptop'): Promise<void> => {
    const { page, stage, authenticator } = scene
    await signIn(scene, username)
    await page.goto(stage.at('auth', '/register/passkey'))
    await authenticator.setPresent(true)
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Create passkey' }).click()
    await page.getByRole('status').getByText('you can use this passkey').waitFor()
  }
  const signOut = async ({ page, stage, authenticator }: Scene): Promise<void> => {
    // so that the page that comes next doesn't sign in again by itself
    await authenticator.setPresent(false)
    await page.goto(stage.at('auth', '/logout'))
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You’re signed out' }).waitFor()
  }
  test('who needs a second factor sets a passkey up, goes on, and shows it the next time', async () => {
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await signIn(scene, 'bob', stage.at('vault'))
      await page.getByRole('link', { name: /^Passkey/ }).click()
      await page.getByLabel('Name').fill('Bob’s laptop')
      await page.getByRole('button', { name: 'Create passkey' }).click()
      await page.waitForURL(stage.at('vault'))
      const [key] = await authenticator.keys()
      assert.equal(key?.rpId, 'auth.example.localhost')
      assert.equal(key?.isResidentCredential, true)

      await signOut(scene)
      await signIn(scene, 'bob', stage.at('vault', '/again'))
      await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
      await authenticator.setPresent(true)
      await page.getByRole('button', { name: 'Use passkey' }).click()
      await page.waitForURL(stage.at('vault', '/again'))
      assert.ok(stage.reached.some((request) => request.includes('vault.')))
    })
  })

  test('a passkey is chosen from the suggestions of the username field, without a name or a password typed', async () => {
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await registerAs(scene, 'bob')
      await signOut(scene)
      await authenticator.setPresent(true)
      // The virtual authenticator chooses at once, as somebody does who taps the suggestion.
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app'), rm: 'GET' })}`))
      await page.waitForURL(stage.at('app'))
      await page.goto(stage.at('auth'))
      await page.getByText('Signed in with a passkey').waitFor()
    })
  })

  test('a button does the same, and the password is the second factor afterwards', async () => {
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await registerAs(scene, 'bob')
      await signOut(scene)
      // A browser that suggests nothing.
      await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('vault'), rm: 'GET' })}`))
      await authenticator.setPresent(true)
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.getByRole('heading', { name: 'Enter your password' }).waitFor()
      await page.getByLabel('Password', { exact: true }).fill('wrong')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').getByText('didn’t work').waitFor()
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.waitForURL(stage.at('vault'))
    })
  })

  test('WAN-11 where it is configured a verified passkey is enough, one that verified nobody isn’t', async () => {
    const settings = { webauthn: { ...ON.webauthn, verifiedPasskeyIsTwoFactors: true } }
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await registerAs(scene, 'bob')
      await signOut(scene)
      await authenticator.setPresent(true)
      await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('vault'), rm: 'GET' })}`))
      await page.waitForURL(stage.at('vault'))
    }, settings)
  })

  test('WAN-07 a copy of the key is told, and opens nothing', async () => {
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await registerAs(scene, 'bob')
      await signOut(scene)
      await authenticator.setCount(5)
      await signIn(scene, 'bob', stage.at('vault'))
      await authenticator.setPresent(true)
      await page.getByRole('button', { name: 'Use passkey' }).click()
      await page.waitForURL(stage.at('vault'))
      await signOut(scene)
      await authenticator.setCount(2)
      await signIn(scene, 'bob', stage.at('vault'))
      await authenticator.setPresent(true)
      await page.getByRole('button', { name: 'Use passkey' }).click()
      await page.getByRole('alert').getByText('seems to be a copy').waitFor()
      await page.goto(stage.at('auth'))
      await page.getByText('Signed in with a password').waitFor()
      assert.ok(stage.events.some(({ kind, reason }) => kind === 'second-factor-refused' && reason === 'cloned'))
    })
  })

  test('WAN-04 another site gets no signature for the portal', async () => {
    await played(async (scene) => {
      const { page, stage } = scene
      await registerAs(scene, 'bob')
      const [key] = await scene.authenticator.keys()
      assert.ok(key)
      for (const rpId of ['auth.example.localhost', 'example.localhost']) {
        await page.goto(stage.at('app'))
        const outcome = await page.evaluate(
          `navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: ${JSON.stringify(rpId)} } }).then(
            () => 'signed', (error) => error.name)`,
        )
        assert.notEqual(outcome, 'signed', rpId)
      }
    })
  })

  test('WAN-02 an answer that was sent before is refused, also in the same browser', async () => {
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await registerAs(scene, 'bob')
      await signOut(scene)
      await signIn(scene, 'bob', stage.at('vault'))
      await authenticator.setPresent(true)
      const sent = page.waitForRequest(
        (request) => request.method() === 'POST' && request.url().endsWith('/2fa/webauthn'),
      )
      await page.getByRole('button', { name: 'Use passkey' }).click()
      const body = (await sent).postData() ?? ''
      await page.waitForURL(stage.at('vault'))
      await signOut(scene)
      await signIn(scene, 'bob', stage.at('vault'))
      await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
      const status = await page.evaluate(
        `fetch('/2fa/webauthn', { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: ${JSON.stringify(body)} }).then((answer) => answer.status)`,
      )
      assert.equal(status, 403)
    })
  })

  test('WAN-01 somebody else’s key is no second factor', async () => {
    await played(async (scene) => {
      const { page, stage, authenticator } = scene
      await registerAs(scene, 'bob')
      const ofBob = await authenticator.keys()
      await signOut(scene)
      await registerAs(scene, 'eve', 'Eve’s')
      await signOut(scene)
      // Eve's key is gone from the device; Bob's is there.
      for (const { credentialId } of await authenticator.keys())
        if (!ofBob.some((key) => key.credentialId === credentialId)) await authenticator.forget(credentialId)
      await signIn(scene, 'eve', stage.at('vault'))
      await authenticator.setPresent(true)
      await page.getByRole('button', { name: 'Use passkey' }).click()
      await page.getByRole('alert').waitFor()
      await page.goto(stage.at('auth'))
      await page.getByText('Signed in with a password').waitFor()
    })
  })

  test('a name that is taken and a device that is registered already are told in words', async () => {
    await played(async (scene) => {
      const { page, stage } = scene
      await registerAs(scene, 'bob')
      await page.goto(stage.at('auth', '/register/passkey'))
      await page.getByLabel('Name').fill('laptop')
      await page.getByRole('button', { name: 'Create passkey' }).click()
      await page.getByRole('alert').getByText('this name already').waitFor()
      await page.getByLabel('Name').fill('Another')
      await page.getByRole('button', { name: 'Create passkey' }).click()
      await page.getByRole('alert').getByText('registered already').waitFor()
    })
  })
})
