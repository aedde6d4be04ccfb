// Renders every page of the portal, light and dark, desktop and phone, into test/screenshots/. `node test/browser/screenshots.ts [page…]`
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openStage } from '../portal/stage.ts'
import { openChromium } from './chromium.ts'
import { SCENES } from './scenes.ts'

const FOLDER = join(import.meta.dirname, '../screenshots')
const SIZES = { desktop: { width: 1200, height: 860 }, phone: { width: 320, height: 640 } }

const browser = await openChromium()
if (browser.kind === 'missing') {
  console.error(browser.hint)
  process.exit(1)
}
mkdirSync(FOLDER, { recursive: true })
const wanted = process.argv.slice(2)
for (const [name, scene] of Object.entries(SCENES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const [sizeName, viewport] of Object.entries(SIZES)) {
    const stage = await openStage(scene.settings)
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, reducedMotion: 'reduce' })
    const page: Page = await context.newPage()
    await scene.play(page, stage)
    for (const colorScheme of scene.settings?.theme ? (['light'] as const) : (['light', 'dark'] as const)) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(FOLDER, `${name}-${sizeName}-${colorScheme}.png`), fullPage: true })
    }
    await context.close()
    await stage.close()
  }
  console.log(name)
}
await browser.close()
