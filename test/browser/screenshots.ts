// Renders every page of the portal in every language, light and dark, desktop and phone, into test/screenshots/.
// `node test/browser/screenshots.ts [page…]`
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { openStage } from '../portal/stage.ts'
import { openChromium } from './chromium.ts'
import { SCENES, type Scene } from './scenes.ts'
import { speaking } from './speaking.ts'

const FOLDER = join(import.meta.dirname, '../screenshots')
const SIZES = { desktop: { width: 1200, height: 860 }, phone: { width: 320, height: 640 } }

const opened = await openChromium()
if (opened.kind === 'missing') {
  console.error(opened.hint)
  process.exit(1)
}
const browser = opened
async function take(
  language: string,
  name: string,
  scene: Scene,
  sizeName: string,
  viewport: (typeof SIZES)['phone'],
): Promise<void> {
  const stage = await openStage(scene.settings)
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport,
    reducedMotion: 'reduce',
    locale: language,
  })
  const page = await context.newPage()
  await scene.play(speaking(page, language), stage)
  for (const colorScheme of scene.settings?.theme ? (['light'] as const) : (['light', 'dark'] as const)) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(FOLDER, language, `${name}-${sizeName}-${colorScheme}.png`), fullPage: true })
  }
  await context.close()
  await stage.close()
}

const wanted = process.argv.slice(2)
for (const language of loadLanguages().names) {
  mkdirSync(join(FOLDER, language), { recursive: true })
  for (const [name, scene] of Object.entries(SCENES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    for (const [sizeName, viewport] of Object.entries(SIZES)) await take(language, name, scene, sizeName, viewport)
    console.log(language, name)
  }
}
await browser.close()
