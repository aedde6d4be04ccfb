// What `init` does: collects answers from flags and from a person, makes the files, writes them, and says what to do next.
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { randomToken } from '../../base/secret.ts'
import type { Config } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { formatProblems } from '../../config/problem-text.ts'
import { readUsersFile } from '../../directory/file-directory.ts'
import { generatePassword } from '../../directory/generate-password.ts'
import { passwordWeaknesses } from '../../directory/password-policy.ts'
import { CONFIG_FOLDER, INIT_FOLDERS, initFiles, MAIN_FILES, proxyFiles, USERS_FILE } from '../../setup/init-files.ts'
import { nextSteps, obstacles } from '../../setup/next-steps.ts'
import { answersFrom, type Flag, QUESTIONS, wrongAnswer } from '../../setup/questions.ts'
import { refuseExisting, type Written, writeFolder } from '../../setup/write-folder.ts'
import type { Problem } from '../../yaml/problem.ts'
import { ask } from '../terminal/ask.ts'
import { askNewPassword } from '../terminal/ask-password.ts'
import type { InitFlags } from './init-flags.ts'

export interface Initialised extends Written {
  readonly folder: string
  /** Name of the first user. */
  readonly user: string
  /** Only where one was made. */
  readonly password?: string
  /** Commands. */
  readonly next: readonly string[]
  /** What would stop them, one sentence each. */
  readonly obstacles: readonly string[]
}

/** @throws Fault `init-answer`, `init-unanswered` (exit 2), those of writing, and `configuration-invalid` when what is there already doesn't fit */
export async function init(place: string | undefined, flags: InitFlags): Promise<Initialised> {
  const folder = placeFor(place)
  // Before anybody is asked anything for nothing.
  refuseExisting(folder, MAIN_FILES, flags.force)
  const given = await collect(flags)
  const about = [given.user, given['display-name'], given.email]
  const { password, made } = await choosePassword(flags, about)
  const answers = answersFrom(given, {
    folder,
    password,
    listen: flags.listen,
    trustedProxies: flags['trusted-proxy'],
    port: flags.port,
  })
  const secrets = { sessionSecret: randomToken(48), encryptionKey: randomToken(48), jwtSecret: randomToken(48) }
  const files = await initFiles(answers, secrets, systemClock)
  const setup = proxyFiles(answers)
  const written = writeFolder({ folder, files, folders: INIT_FOLDERS, force: flags.force, judge: judgeConfiguration })
  return {
    folder,
    user: answers.user.name,
    ...written,
    ...(made ? { password } : {}),
    next: nextSteps(answers, setup),
    obstacles: obstacles(answers, setup),
  }
}

/** Absolute. @throws Fault `init-answer` for what no command could be told afterwards */
function placeFor(place = 'latchkey'): string {
  // A variable of a script that has no value.
  if (place === '') throw wrongAnswer('The folder has no name.')
  const folder = resolve(place)
  if (!folder.includes(',')) return folder
  throw wrongAnswer(`${folder} has a comma in it, which separates names behind --config; choose another place.`)
}

const canAsk = (flags: InitFlags): boolean => process.stdin.isTTY === true && !flags.yes

/** Every answer, from a flag, from a person, or the usual one. */
async function collect(flags: InitFlags): Promise<Readonly<Record<Flag, string>>> {
  const answers: Partial<Record<Flag, string>> = {}
  const missing: string[] = []
  const remarks: string[] = []
  for (const { flag, text, usual, wrong, remark } of QUESTIONS) {
    const said = fromFlags(flags, flag)
    const judged = (answer: string): string | undefined => wrong(answer, answers)
    const read = (typed: string): string => plain(flag, typed)
    if (said !== undefined) {
      const answer = read(said)
      // Not judged by what is missing.
      const problem = missing.length > 0 ? undefined : judged(answer)
      if (problem !== undefined) throw wrongAnswer(`--${flag}: ${problem}`)
      answers[flag] = answer
    } else if (text !== undefined && canAsk(flags)) {
      const asked = [text, remark?.()].filter((part) => part !== undefined).join(' ')
      answers[flag] = await ask({ text: asked, usual: usual(answers), wrong: judged, read })
    } else {
      const answer = text === undefined || flags.yes ? usual(answers) : undefined
      if (answer !== undefined) answers[flag] = answer
      else {
        missing.push(`--${flag}`)
        remarks.push(...[remark?.()].filter((part) => part !== undefined))
      }
    }
  }
  if (missing.length === 0) return answers as Record<Flag, string>
  const rule = flags.yes ? 'They have no default.' : 'With --yes, what has a default need not be given.'
  const hint = [rule, ...remarks].join(' ')
  const why = flags.yes ? 'Missing' : 'There is no terminal to ask at. Missing'
  throw new Fault('init-unanswered', `${why}: ${missing.join(', ')}.`, { hint, exitCode: 2 })
}

function fromFlags(flags: InitFlags, flag: Flag): string | undefined {
  if (flag === 'app') return flags.app?.join(',')
  const value = flags[flag]
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value
}

/** Names of hosts and proxies have no capital letters. */
const plain = (flag: Flag, typed: string): string =>
  ['domain', 'portal', 'proxy'].includes(flag) ? typed.trim().toLowerCase() : typed.trim()

/** No configuration says yet what passwords must be like; the least of our own counts, as for `user add`. */
const POLICY = { kind: 'none' } as const

/** @param about what others know of the user */
async function choosePassword(
  flags: InitFlags,
  about: readonly string[],
): Promise<{ password: string; made: boolean }> {
  if (flags['password-stdin']) return { password: await askStrong(about), made: false }
  if (!canAsk(flags)) return { password: await generatePassword(POLICY), made: true }
  process.stderr.write('A password for the first user, twice.\n')
  for (let left = 4; ; left--) {
    try {
      return { password: await askStrong(about), made: false }
    } catch (error) {
      // Whoever has answered eight questions isn't sent away for a slip of the hand.
      if (!(error instanceof Fault) || left === 0) throw error
      process.stderr.write(`  ${error.message}\n`)
    }
  }
}

async function askStrong(about: readonly string[]): Promise<string> {
  const password = await askNewPassword()
  const weaknesses = await passwordWeaknesses(password, POLICY, about)
  if (weaknesses.length === 0) return password
  throw wrongAnswer(`The password ${weaknesses.join(' and ')}; choose another one.`)
}

/** What `config validate` would say. New files are right; what was there already and is kept may not be. */
function judgeConfiguration(aside: string): void {
  const paths = [join(aside, CONFIG_FOLDER)]
  const loaded = loadConfig({ paths, explicit: true, env: {}, filters: [], cwd: aside })
  if (loaded.kind === 'ok') judgeUsers(aside, loaded.config)
  else throw notValid(loaded.problems)
}

const notValid = (problems: readonly Problem[]): Fault =>
  new Fault('configuration-invalid', `this would not be a valid configuration\n${formatProblems(problems)}`, {
    hint: 'Nothing was written.',
    exitCode: 1,
  })

/** It lies elsewhere now than the configuration says. */
function judgeUsers(aside: string, { directory }: Config): void {
  const users = readUsersFile({ ...directory.file, path: join(aside, USERS_FILE) })
  if (users.kind === 'ok') return
  throw new Error(`init made users that can't be read:\n${formatProblems(users.problems)}`)
}

/** For people. No newline at the end. */
export function initText({
  folder,
  written,
  kept,
  replaced,
  user,
  password,
  next,
  obstacles: stops,
}: Initialised): string {
  const lines = [`Wrote into ${folder}:`, ...written.map((path) => `  ${path}`)]
  if (kept.length > 0) lines.push(`Left as they were: ${kept.join(', ')}.`)
  if (replaced.length > 0) lines.push(`What was there before is beside them, as NAME.old: ${replaced.join(', ')}.`)
  if (password !== undefined) lines.push('', `Password of ${user}: ${password}`)
  if (stops.length > 0) lines.push('', 'But first:', ...stops.map((stop) => `  ${stop}`))
  return [...lines, '', 'Next:', ...next.map((command) => `  ${command}`)].join('\n')
}
