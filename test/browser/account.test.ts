// The account in a real browser, with and without JavaScript: a lost phone from the password to new codes, and codes that are saved once.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { ELEVATED_SESSION } from '../login/fixture.ts'
import { CODE } from '../portal/lab.ts'
import { openStage, type Stage } from '../portal/stage.ts'
import { chromiumMissing, openChromium, type RunningChromium } from './chromium.ts'
import { firstCode, signInTo } from './scenes.ts'

/** The second factor, and the password a moment ago, are proof enough: no mail is read here. */
const SETTINGS = { elevatedSession: { ...ELEVATED_SESSION, skipSecondFactor: true } }

describe('the account in Chromium', { skip: chromiumMissing }, () => {
  let browser: RunningChromium
  before(async () => {
    const opened = await openChromium()
    assert.ok(opened.kind === 'running')
    browser = opened
  })
  after(() => browser?.close())

  async function played(
    play: (page: Page, stage: Stage) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const stage = await openStage(SETTINGS)
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    try {
      await play(page, stage)
    } finally {
      await context.close()
      await stage.close()
    }
  }

  /** Signs in with both factors and makes recovery codes; returns what the file holds that one is given to save. */
  async function savedCodes(page: Page, stage: Stage, javaScriptEnabled: boolean): Promise<string[]> {
    await signInTo(page, stage, 'alice')
    await page.goto(stage.at('auth', '/account/recovery-codes'))
    await page.getByLabel('One-time code').fill(CODE)
    // With JavaScript a complete code is sent by itself.
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByRole('button', { name: 'Make ten codes' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Save as a file' }).click()
    const file = readFileSync(await (await download).path(), 'utf8')
    const codes = file.match(/^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}$/gm) ?? []
    assert.equal(codes.length, 10)
    await page.getByRole('link', { name: 'I have saved them' }).click()
    await page.getByText('10 left').waitFor()
    return codes
  }

  for (const javaScriptEnabled of [true, false])
    test(`a lost phone, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}: a saved code opens the account, and new codes are set up`, async () => {
      await played(
        async (page, stage) => {
          const [code = ''] = await savedCodes(page, stage, javaScriptEnabled)
          await page.context().clearCookies()
          await signInTo(page, stage, 'alice', stage.at('vault', '/deep'))
          await page.getByRole('link', { name: 'Use a recovery code' }).click()
          await page.getByLabel('Recovery code').fill(code.toLowerCase().replaceAll('-', ' '))
          await page.getByRole('button', { name: 'Verify' }).click()
          await page.getByText('9 left').waitFor()
          await page.getByRole('link', { name: 'Remove one-time codes' }).click()
          await page.getByRole('button', { name: 'Remove one-time codes' }).click()
          await page.getByText('Your one-time codes are removed').waitFor()
          assert.equal(stage.codes.has('alice'), false)
          await page.getByRole('link', { name: 'Set up one-time codes' }).click()
          await page.getByLabel('One-time code').fill(await firstCode(page, stage))
          if (!javaScriptEnabled) await page.getByRole('button', { name: 'Finish' }).click()
          await page.getByRole('status').getByText('your app shows you the codes').waitFor()
          assert.ok(stage.codes.has('alice'))
        },
        { javaScriptEnabled },
      )
    })

  test('a session is ended from another browser, and is out', async () => {
    await played(async (page, stage) => {
      const other = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en' })
      const lost = await other.newPage()
      await signInTo(lost, stage, 'bob')
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/account/sessions'))
      await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
      await page.getByText('All your other sessions are signed out').waitFor()
      await lost.goto(stage.at('auth', '/account'))
      await lost.getByLabel('Username').waitFor()
      await other.close()
    })
  })

  test('a theme that is chosen is there from the first paint, and no script can read what holds it', async () => {
    await played(async (page, stage) => {
      await signInTo(page, stage, 'bob')
      await page.goto(stage.at('auth', '/account/preferences'))
      await page.getByLabel('Black').check()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').waitFor()
      const answer = await page.goto(stage.at('auth'))
      assert.match((await answer?.text()) ?? '', /<html lang="en" data-theme="oled">/)
      assert.equal(await page.evaluate('document.cookie'), '')
    })
  })
})
