// Chromium for tests: the one of the system, driven by playwright-core. Where none is installed, tests say so by name and skip.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface RunningChromium extends Pick<Browser, 'newPage' | 'newContext' | 'close'> {
  readonly kind: 'running'
}
export type Chromium = RunningChromium | { readonly kind: 'missing'; readonly hint: string }

/** CHROMIUM_BIN, else the first of the usual names on PATH. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment['CHROMIUM_BIN']) return environment['CHROMIUM_BIN']
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** For the `skip` of a test: false, or the reason by name. */
export const chromiumMissing: false | string =
  findChromium() === undefined ? 'chromium is not installed (set CHROMIUM_BIN or put it on PATH)' : false

/**
 * Each call starts a browser with an empty profile; whoever starts one closes it.
 * @param args further switches, such as `--host-resolver-rules=…`
 */
export async function openChromium(args: readonly string[] = []): Promise<Chromium> {
  const executablePath = findChromium()
  if (executablePath === undefined) return { kind: 'missing', hint: String(chromiumMissing) }
  const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args] })
  return {
    kind: 'running',
    newPage: (options) => browser.newPage(options),
    newContext: (options) => browser.newContext(options),
    close: () => browser.close(),
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
