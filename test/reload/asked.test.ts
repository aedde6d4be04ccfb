// Stories about reloads that somebody asks for, by command or signal, and about what the portal shows.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { AT_FIRST, begin, chapters } from './story.ts'

const RULES = 'conf.d/rules.yml'
const CONFIGURATION = 'conf.d/configuration.yml'
const CLOSED = { ...AT_FIRST, public: '403' }
const BASE = chapters('.')
const closed = chapters('truncated')['1-closed.yml'] ?? ''

test('`reload` takes an edit over at once; what the watch sees afterwards is no second change', async (t) => {
  const story = await begin(t)
  story.write(RULES, closed)
  assert.equal((await story.reload()).kind, 'applied')
  await story.answers(CLOSED)
  await sleep(1500)
  assert.equal((await story.status()).snapshot.number, 2)
  story.write(RULES, 'access_control: [')
  const refused = await story.reload()
  assert.deepEqual([refused.kind, refused.snapshot, refused.problems[0]?.position?.file], ['refused', 2, RULES])
  await story.answers(CLOSED)
  await sleep(1500)
  assert.equal(story.program.log().filter(({ msg }) => /^the change is refused/.test(msg)).length, 1)
  story.write(RULES, BASE['rules.yml'])
  assert.equal((await story.reload()).kind, 'applied')
  await story.answers(AT_FIRST)
  await story.says(/^healed/)
  await story.end()
})

test('many who ask at once: reloads follow each other, each sees what was written before it was asked for', async (t) => {
  const story = await begin(t)
  const asked: Promise<void>[] = []
  for (let i = 0; i < 30; i++) {
    const text = i % 2 === 0 ? closed : BASE['rules.yml']
    story.write('conf.d/.next', text)
    renameSync(story.path('conf.d/.next'), story.path(RULES))
    asked.push(
      story.reload().then(async (outcome) => {
        assert.equal(outcome.kind, 'applied')
      }),
    )
    if (i % 3 === 0) await sleep(20)
  }
  await Promise.all(asked)
  await story.answers(AT_FIRST)
  const numbers = story.program.log().flatMap(({ msg, snapshot }) => (msg === 'reloaded' ? [Number(snapshot)] : []))
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 2),
  )
  await story.end()
})

test('SIGHUP reloads and reopens the log', async (t) => {
  const story = await begin(t, {
    prepare(folder) {
      const text = readFileSync(join(folder, CONFIGURATION), 'utf8')
      const log = "log:\n  file_path: 'latchkey.log'\n  keep_stdout: true\n"
      writeFileSync(join(folder, CONFIGURATION), text.replace('log:\n', log))
    },
  })
  renameSync(story.path('latchkey.log'), story.path('latchkey.log.1'))
  story.write(RULES, closed)
  story.program.child.kill('SIGHUP')
  await story.takesOver(CLOSED)
  assert.match(readFileSync(story.path('latchkey.log'), 'utf8'), /"cause":"signal".*"reloaded"/)
  assert.doesNotMatch(readFileSync(story.path('latchkey.log.1'), 'utf8'), /"reloaded"/)
  await story.end()
})

test('--no-watch: nothing is taken over unasked', async (t) => {
  const story = await begin(t, { args: ['--config', 'conf.d', '--no-watch'] })
  story.write(RULES, closed)
  await sleep(1500)
  await story.answers(AT_FIRST)
  assert.equal((await story.status()).watching, 'off')
  assert.equal((await story.reload()).kind, 'applied')
  await story.answers(CLOSED)
  await story.end()
})

test('`watch: false` written while it runs: the last change that is taken over by itself', async (t) => {
  const story = await begin(t)
  story.write(CONFIGURATION, `watch: false\n${BASE['base.yml']}`)
  await story.takesOver(AT_FIRST)
  story.write(RULES, closed)
  await sleep(1500)
  await story.answers(AT_FIRST)
  story.write(CONFIGURATION, BASE['base.yml'])
  await story.reload()
  await story.takesOver(CLOSED)
  story.write(RULES, BASE['rules.yml'])
  await story.takesOver(AT_FIRST)
  await story.end()
})

test('the operator’s own pictures: shown anew when they change, and pages of before keep theirs', async (t) => {
  const story = await begin(t, {
    prepare(folder) {
      mkdirSync(join(folder, 'assets'))
      const text = readFileSync(join(folder, CONFIGURATION), 'utf8')
      writeFileSync(join(folder, CONFIGURATION), text.replace('server:\n', "server:\n  asset_path: 'assets'\n"))
    },
  })
  const logo = async (): Promise<string | undefined> => {
    const page = await story.program.ask({
      path: '/',
      headers: { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com' },
    })
    return /\/static\/logo\.\w+\.png/.exec(page.body)?.[0]
  }
  const status = async (path = ''): Promise<number> => (await story.program.ask({ path })).status
  assert.equal(await logo(), undefined)
  story.write('assets/logo.png', 'one picture')
  await story.takesOver(AT_FIRST)
  const first = await logo()
  story.write('assets/logo.png', 'another picture')
  await story.takesOver(AT_FIRST)
  const second = await logo()
  assert.notEqual(first, second)
  assert.deepEqual([await status(first), await status(second)], [200, 200])
  await story.end()
})

test('the operator’s own texts: shown anew when they change, the last good ones while they are broken', async (t) => {
  const story = await begin(t, {
    prepare(folder) {
      mkdirSync(join(folder, 'assets'))
      const text = readFileSync(join(folder, CONFIGURATION), 'utf8')
      writeFileSync(join(folder, CONFIGURATION), text.replace('server:\n', "server:\n  asset_path: 'assets'\n"))
    },
  })
  const heading = async (): Promise<string | undefined> => {
    const host = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com' }
    const { body } = await story.program.ask({ path: '/', headers: { ...host, 'Accept-Language': 'nl' } })
    return body.match(/<html lang="\w+"|<h1>[^<]*/g)?.join(' ')
  }
  assert.equal(await heading(), '<html lang="en" <h1>Sign in')
  const own = (text: string): string => JSON.stringify({ 'sign-in': { heading: text } })
  mkdirSync(join(story.folder, 'assets/locales'))
  story.write('assets/locales/nl.json', `${own('Inloggen')}\n`)
  await story.takesOver(AT_FIRST)
  assert.equal(await heading(), '<html lang="nl" <h1>Inloggen')
  story.write('assets/locales/nl.json', `${own('{{password}}')}\n`)
  await story.refuses(/nobody gives what it asks for in sign-in\.heading/, undefined, AT_FIRST)
  assert.equal(await heading(), '<html lang="nl" <h1>Inloggen')
  story.write('assets/locales/nl.json', `${own('Welkom')}\n`)
  await story.takesOver(AT_FIRST)
  assert.equal(await heading(), '<html lang="nl" <h1>Welkom')
  await story.end()
})

test('the portal’s templates: shown anew when they change; one that asks for what nobody gives is refused', async (t) => {
  // A Latchkey of its own, whose templates may be changed.
  const root = join(import.meta.dirname, '..', '..')
  const own = temporaryFolder(t)
  for (const name of ['src', 'templates', 'package.json', 'test/reload/program.ts']) {
    cpSync(join(root, name), join(own, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(own, 'node_modules'))
  const story = await begin(t, { script: join(own, 'test/reload/program.ts') })
  const template = join(own, 'templates/portal/sign-in.html')
  const text = readFileSync(template, 'utf8')
  const page = async (): Promise<string> =>
    (
      await story.program.ask({
        path: '/',
        headers: { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com' },
      })
    ).body
  writeFileSync(template, `${text}<!-- ours -->\n`)
  await story.takesOver(AT_FIRST)
  assert.match(await page(), /<!-- ours -->/)
  writeFileSync(template, `${text}{{nonsense}}\n`)
  await story.refuses(/nobody gives it \{\{nonsense\}\}/, undefined, AT_FIRST)
  writeFileSync(template, `${text}{{#problem}}\n`)
  await story.refuses(/isn't closed/, undefined, AT_FIRST)
  assert.match(await page(), /<!-- ours -->/)
  chmodSync(template, 0o644)
  writeFileSync(template, text)
  await story.takesOver(AT_FIRST)
  assert.doesNotMatch(await page(), /<!-- ours -->/)
  await story.end()
})

/** A user namespace in which nobody may watch. */
const BLIND = ['unshare', '-Ur', 'sh', '-c', 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', 'sh']
const canBeBlind = spawnSync(BLIND[0] ?? '', [...BLIND.slice(1), 'true']).status === 0

test('no watcher to be had: changes are looked for, which the log and status say', {
  skip: !canBeBlind && 'needs user namespaces',
}, async (t) => {
  const story = await begin(t, { within: BLIND })
  const line = await story.says(/^changes of files can't be watched; they are looked for$/)
  assert.equal(line.level, 'warn')
  assert.equal((await story.status()).watching, 'looking')
  story.write(RULES, closed)
  await story.takesOver(CLOSED)
  story.write(RULES, 'access_control: [')
  await story.refuses(/not valid YAML/, { file: RULES, line: 1 }, CLOSED)
  story.write(RULES, BASE['rules.yml'])
  await story.takesOver(AT_FIRST)
  await story.end()
})
