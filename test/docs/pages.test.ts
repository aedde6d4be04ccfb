// Everything that the pages of docs/ show is run or read: commands in an empty folder, YAML by the loader, links by following them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem-text.ts'
import { commandLines, inlineCommands, unknownIn } from './command-words.ts'
import { ALL_PAGES, anchorsOf, type Block, blocksOf, linksOf, pageText, root, WRITTEN_PAGES } from './page.ts'
import { pageScript } from './page-script.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-docs-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const MARKS = ['', 'fresh', 'by-hand', 'fails']

describe('what the pages show', { concurrency: 2 }, () => {
  for (const page of WRITTEN_PAGES) {
    const blocks = blocksOf(pageText(page))
    if (!blocks.some(({ language }) => language === 'sh')) continue
    test(`${page} does what it says`, { timeout: 180_000 }, async () => {
      const place = join(folder, page.replaceAll('/', '-'))
      const { code, stderr } = await bash(pageScript(blocks), place)
      assert.equal(code, 0, stderr)
      for (const [number, block] of blocks.entries()) checkOutput(blocks, number, block, `${place}.out`)
    })
  }
})

describe('the blocks of the pages', () => {
  for (const page of WRITTEN_PAGES) {
    const blocks = blocksOf(pageText(page))
    test(`${page} marks them as the tests understand them`, () => {
      for (const { language, mark, line } of blocks) {
        assert.ok(['sh', 'yaml', 'json', 'text'].includes(language), `${page}:${line}: ${language}`)
        if (language === 'sh') assert.ok(MARKS.includes(mark), `${page}:${line}: ${mark}`)
      }
    })

    test(`${page} has YAML that the loader takes`, () => {
      for (const { language, mark, text, line } of blocks) {
        if (language === 'yaml' && mark === '') assert.deepEqual(problemsOf(text), [], `${page}:${line}`)
      }
    })

    test(`${page} has no command or flag that doesn't exist`, () => {
      for (const { text, line } of blocks.filter(({ language }) => language === 'sh'))
        for (const command of commandLines(text))
          assert.equal(unknownIn(command), undefined, `${page}:${line}: ${command}`)
      for (const command of inlineCommands(pageText(page)))
        assert.equal(unknownIn(command), undefined, `${page}: ${command}`)
    })
  }

  test('a command that does not exist, a flag that does not, and YAML with a typing mistake are found', () => {
    assert.equal(unknownIn('latchkey user ad ben'), 'user ad ben')
    assert.equal(unknownIn('latchkey user add ben --grup x'), '--grup')
    assert.equal(problemsOf('totp:\n  isuer: x\n').length, 1)
  })
})

describe('the links of the pages', () => {
  for (const page of [...ALL_PAGES, 'examples/README.md', 'SECURITY.md']) {
    test(`${page} leads nowhere that isn't there`, () => {
      for (const link of linksOf(pageText(page))) {
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? page : join(dirname(page), path)
        assert.ok(existsSync(join(root, target)), link)
        if (anchor) assert.ok(anchorsOf(pageText(target)).has(anchor), link)
      }
    })
  }

  test('docs/README.md leads to every page', () => {
    const linked = new Set(linksOf(pageText('docs/README.md')).map((link) => join('docs', link)))
    const missing = ALL_PAGES.filter((page) => !linked.has(page) && !page.startsWith('docs/decisions/'))
    assert.deepEqual(missing, ['docs/README.md'])
  })
})

/** Each line of a text block is in what the run block before it printed; … stands for anything within a line. */
function checkOutput(blocks: readonly Block[], number: number, { language, text, line }: Block, output: string): void {
  if (language !== 'text') return
  const before = blocks.slice(0, number).findLastIndex((one) => one.language === 'sh' && one.mark !== 'by-hand')
  const printed = readFileSync(join(output, String(before)), 'utf8').replace(/ +/g, ' ')
  for (const wanted of text.split('\n')) {
    const pattern = wanted
      .replace(/ +/g, ' ')
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    assert.match(printed, new RegExp(pattern.join('.*')), `line ${line}: ${wanted}`)
  }
}

async function bash(script: string, place: string): Promise<{ code: number; stderr: string }> {
  writeFileSync(`${place}.sh`, script)
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    NO_COLOR: '1',
    PAGE: place,
    PASSWORD: 'correct horse battery staple',
    LATCHKEY_SERVER_ADDRESS: `tcp://127.0.0.1:${await freePort()}/`,
  }
  return new Promise((resolve) => {
    const child = execFile('bash', [`${place}.sh`], { env, timeout: 170_000 }, (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
    )
    child.stdin?.end()
  })
}

/** Those of a part of a configuration, put beside what every one needs; warnings don't count. */
function problemsOf(text: string): readonly string[] {
  const part = join(folder, 'part.yml')
  writeFileSync(part, text)
  const base = join(folder, 'base.yml')
  // There is one notifier.
  writeFileSync(base, /^ {2}smtp:/m.test(text) ? BASE.replace(/^notifier:.*\n/m, '') : BASE)
  const loaded = loadConfig({ paths: [base, part], explicit: true, env: {}, filters: [], cwd: folder })
  if (loaded.kind === 'ok') return []
  // Files of another machine aren't here.
  const counts = loaded.problems.filter(({ severity, code }) => severity === 'error' && code !== 'missing-file')
  return counts.map((problem) => formatProblems([problem]))
}

const BASE = `session:
  cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }]
authentication_backend: { file: { path: 'users.yml' } }
storage: { encryption_key: 'a_very_important_secret_a_very_i', local: { path: 'db.sqlite3' } }
access_control: { default_policy: 'deny', rules: [{ domain: 'app.example.com', policy: 'one_factor' }] }
notifier: { filesystem: { filename: 'notification.txt' } }
identity_validation: { reset_password: { jwt_secret: 'another_secret_another_secret_an' } }
`

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}
