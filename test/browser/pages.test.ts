// Every page in every language, in a real browser: accessible, light and dark; nothing is cut off or wider than a small phone or a desktop.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { openStage } from '../portal/stage.ts'
import { chromiumMissing, openChromium, type RunningChromium } from './chromium.ts'
import { MISFITS } from './fit.ts'
import { SCENES } from './scenes.ts'
import { speaking } from './speaking.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PHONE = { width: 320, height: 640 }
const DESKTOP = { width: 1200, height: 860 }

interface Finding {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}
const findings = async (page: Page): Promise<readonly string[]> => {
  // Playwright puts scripts in by the debugger, past the page's policy, which stays as strict as it is.
  await page.evaluate(AXE)
  const result = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as { violations: readonly Finding[] }
  return result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
}

describe('in Chromium', { skip: chromiumMissing, concurrency: 2 }, () => {
  let browser: RunningChromium
  before(async () => {
    const opened = await openChromium()
    assert.ok(opened.kind === 'running')
    browser = opened
  })
  after(() => browser?.close())

  test('what does not fit is found', async () => {
    const page = await browser.newPage({ viewport: PHONE })
    const misfits = (html: string): Promise<unknown> =>
      page
        .setContent(`<main class="card" style="overflow-wrap: anywhere">${html}</main>`)
        .then(() => page.evaluate(MISFITS))
    try {
      assert.deepEqual(await misfits('<button style="width: 9rem">Anmelden</button><h1>Passwort bestätigen</h1>'), [])
      assert.match(String(await misfits(`<h1>Anmelde${'bestätigung'.repeat(4)}</h1>`)), /broken in/)
      assert.match(String(await misfits('<button style="width: 3rem">Wiederherstellen</button>')), /broken in/)
      const cut = '<p style="width: 3rem; overflow: hidden; overflow-wrap: normal">Wiederherstellen</p>'
      assert.match(String(await misfits(cut)), /cut off/)
      assert.match(String(await misfits('<p hidden style="display: flex">hidden</p>')), /shown though hidden/)
      assert.match(String(await misfits('<p style="margin-left: -3rem">outside</p>')), /sticks out/)
      assert.match(String(await misfits('<img alt="" style="width: 500px; height: 1px">')), /wider than the window/)
    } finally {
      await page.close()
    }
  })

  for (const language of loadLanguages().names)
    for (const [name, scene] of Object.entries(SCENES))
      test(`${name} (${language}): axe finds nothing; all fits on a small phone and a desktop`, async () => {
        const stage = await openStage(scene.settings)
        const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: PHONE, locale: language })
        const page = await context.newPage()
        page.setDefaultTimeout(10_000)
        const violations: string[] = []
        page.on('console', (message) => {
          if (/Content.Security.Policy|violates/i.test(message.text())) violations.push(message.text())
        })
        try {
          await scene.play(speaking(page, language), stage)
          assert.equal(await page.locator('html').getAttribute('lang'), language)
          // Colours are the same in every language.
          for (const colorScheme of language === 'en' ? (['light', 'dark'] as const) : (['light'] as const)) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
            assert.deepEqual(await findings(page), [], colorScheme)
          }
          assert.deepEqual(await page.evaluate(MISFITS), [], 'phone')
          await page.setViewportSize(DESKTOP)
          assert.deepEqual(await page.evaluate(MISFITS), [], 'desktop')
          assert.deepEqual(violations, [])
        } finally {
          await context.close()
          await stage.close()
        }
      })
})
