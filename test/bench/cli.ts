// What somebody at a terminal waits for: commands against a bare oclif program with one empty command, and checking a file of 2,000 rules against
// parsing that YAML and nothing else. Whole processes, in turn.
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atMost, type Measurement, median, type Row } from './measurement.ts'

const root = join(import.meta.dirname, '..', '..')
const latchkey = join(root, 'bin', 'run.js')
const RULES = 2000

export const commandLine: Measurement = async ({ scene: { folder }, rounds }) => {
  const bare = bareProgram(folder)
  const { parser, configuration } = rulesFile(folder)
  // A start takes a fraction of a second and varies by as much: many of them cost little.
  const times = rounds * 4
  const row = (what: string, wanted: number, a: readonly string[], b: readonly string[]): Row => {
    const { ratio, context } = inTurn(a, b, times)
    return atMost(what, wanted, ratio, '×', context)
  }
  return [
    row('latchkey --version ÷ a bare oclif program', 1.5, [latchkey, '--version'], [bare, '--version']),
    row(
      'help of a command ÷ a bare oclif program',
      1.5,
      [latchkey, 'crypto', 'hash', 'generate', '--help'],
      [bare, 'nothing', '--help'],
    ),
    row(
      `config validate of ${RULES.toLocaleString('en')} rules ÷ js-yaml alone`,
      3,
      [latchkey, 'config', 'validate', '--config', configuration],
      [parser, configuration],
    ),
  ]
}

function inTurn(a: readonly string[], b: readonly string[], times: number): { ratio: number; context: string } {
  run(a)
  run(b)
  const ofA: number[] = []
  const ofB: number[] = []
  for (let i = 0; i < times; i++) {
    ofA.push(run(a))
    ofB.push(run(b))
  }
  const ratios = ofA.map((time, i) => time / (ofB[i] ?? Number.NaN))
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  return { ratio: median(ratios), context: `${spread}; ${median(ofA).toFixed(0)} and ${median(ofB).toFixed(0)} ms` }
}

/** Milliseconds of the whole process. @throws when it fails */
function run(args: readonly string[]): number {
  const begun = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const took = performance.now() - begun
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stderr}`)
  return took
}

function bareProgram(folder: string): string {
  const place = join(folder, 'bare')
  mkdirSync(join(place, 'commands'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  const oclif = { bin: 'bare', dirname: 'bare', commands: './commands', topicSeparator: ' ' }
  writeFileSync(
    join(place, 'package.json'),
    JSON.stringify({ name: 'bare', version: '1.0.0', type: 'module', bin: { bare: 'run.js' }, oclif }),
  )
  writeFileSync(
    join(place, 'commands', 'nothing.js'),
    "import { Command } from '@oclif/core'\nexport default class Nothing extends Command {\n  async run() {}\n}\n",
  )
  writeFileSync(
    join(place, 'run.js'),
    "import { execute } from '@oclif/core'\nawait execute({ dir: import.meta.url })\n",
  )
  return join(place, 'run.js')
}

function rulesFile(folder: string): { parser: string; configuration: string } {
  const place = join(folder, 'command-line')
  mkdirSync(place)
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  const rules = Array.from(
    { length: RULES },
    (_, i) => `    - domain: 'app${i}.example.com'
      subject: ['group:team${i % 50}', 'user:person${i}']
      resources: ['^/path${i}/(users|groups)(/.*)?$']
      methods: ['GET', 'POST']
      policy: 'one_factor'
`,
  )
  const configuration = join(place, 'configuration.yml')
  writeFileSync(
    configuration,
    `server: { trusted_proxies: ['127.0.0.1/32'] }
authentication_backend: { file: { path: 'users.yml' } }
session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] }
storage: { encryption_key: 'a-key-of-sufficient-length-for-this', local: { path: 'db.sqlite3' } }
notifier: { filesystem: { filename: 'notifications.txt' } }
identity_validation: { reset_password: { jwt_secret: 'a-secret-of-sufficient-length-for-this' } }
access_control:
  default_policy: 'deny'
  rules:
${rules.join('')}`,
  )
  const parser = join(place, 'parse.mjs')
  writeFileSync(
    parser,
    "import { readFileSync } from 'node:fs'\nimport { load } from 'js-yaml'\nload(readFileSync(process.argv[2], 'utf8'))\n",
  )
  return { parser, configuration }
}
