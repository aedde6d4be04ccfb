// latchkey rules check: what the gate would answer to one request, and what every rule had to do with it.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { configFlags } from '../../cli/config/config-command.ts'
import { accessQuestion } from '../../cli/rules/access-question.ts'
import { explanationText, LEVEL_NAMES } from '../../cli/rules/explanation-text.ts'
import { type LoadedRules, placeOfRule, RulesCommand } from '../../cli/rules/rules-command.ts'
import { formatProblems } from '../../config/problem-text.ts'
import { NOBODYS_ADDRESS } from '../../policy/cases/read-cases.ts'
import { type Explanation, explain } from '../../policy/explain.ts'
import { ANONYMOUS, type Decision, type Identity, type Level } from '../../policy/model.ts'

const EXPECTABLE = ['allow', 'challenge', 'deny', 'bypass', 'one_factor', 'two_factor'] as const

interface Answer {
  readonly request: { readonly url: string; readonly method: string; readonly ip: string }
  readonly user: { readonly username: string; readonly groups: readonly string[]; readonly level: string } | undefined
  /** What nobody said and was taken. */
  readonly assumed: readonly ('ip' | 'username' | 'level')[]
  readonly answer: Decision['kind']
  /** Of the decision, or `foreign-host`: the gate answers that before it asks the rules. */
  readonly reason: Decision['reason'] | 'foreign-host'
  readonly requirement: string
  /** 0 is the default policy. */
  readonly rule: number
  /** `file:line:column`; '' for the default policy. */
  readonly position: string
  readonly asExpected: boolean | undefined
  readonly readings: Explanation['readings']
}

export default class RulesCheck extends RulesCommand {
  static override description = [
    'Say what the gate would answer to a request, and why: each rule with each of its criteria, hit, miss or may-be (it depends on who signs in, or on how a server reads the query).',
    '* marks the rule that decides, ~ one that may match.',
    `Without --username nobody has signed in. Groups are those of the users file unless given. Exit code 0 whatever the answer is; with --expect 1 when it is another one.`,
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> https://app.example.com/admin',
    '<%= config.bin %> <%= command.id %> https://app.example.com/admin --username john --level one_factor',
    '<%= config.bin %> <%= command.id %> --url https://app.example.com/ --groups dev,admins --method POST --ip 10.0.0.7 --verbose',
    '<%= config.bin %> <%= command.id %> https://public.example.com/ --expect allow',
  ]
  static override aliases = ['access-control:check-policy']
  static override enableJsonFlag = true
  static override args = {
    url: Args.string({ description: 'The address that is asked for; the same as --url.', ignoreStdin: true }),
  }
  static override flags = {
    ...configFlags,
    url: Flags.string({ description: 'The address that is asked for.' }),
    method: Flags.string({ default: 'GET', description: 'HTTP method.' }),
    username: Flags.string({ aliases: ['user'], helpValue: 'NAME', description: 'Who has signed in.' }),
    groups: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAMES',
      description: 'Groups, separated by commas, instead of those of the users file.',
    }),
    level: Flags.string({
      options: [...LEVEL_NAMES],
      description: 'How the user has signed in; two_factor unless given.',
    }),
    ip: Flags.string({
      description: `Address of the client; unless given ${NOBODYS_ADDRESS}, which is in nobody’s network.`,
    }),
    expect: Flags.string({
      options: [...EXPECTABLE],
      description:
        'The answer (allow, challenge, deny) or the policy (bypass, one_factor, two_factor) that is wanted; exit code 1 when it is another one.',
    }),
    verbose: Flags.boolean({
      description: 'Also rules about other hosts, rules behind the one that decides, and every reading of the address.',
    }),
  }

  async run(): Promise<Answer> {
    const { args, flags } = await this.parse(RulesCheck)
    const url = args.url ?? flags.url
    if (url === undefined || (args.url !== undefined && flags.url !== undefined))
      throw new Fault(
        'access-question',
        url === undefined ? 'There is no address to ask for.' : 'The address is given twice.',
        {
          hint: 'latchkey rules check https://app.example.com/path',
          exitCode: 2,
        },
      )
    const request = accessQuestion(url, flags.method, flags.ip ?? NOBODYS_ADDRESS)
    const loaded = this.loadRules(flags)
    const { config, policy } = loaded
    const groups = flags.groups
      ?.flatMap((names) => names.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== '')
    const identity = this.#identity(flags.username, groups, flags.level, loaded)
    const explanation = explain(request, identity, policy)
    const { kind, reason, verdict } = explanation.decision

    const host = request.target.host.toLowerCase()
    const isForeign = !config.session.cookies.some(({ domain }) => host === domain || host.endsWith(`.${domain}`))
    const answer = isForeign ? 'deny' : kind
    const asExpected =
      flags.expect === undefined
        ? undefined
        : flags.expect === answer || (!isForeign && flags.expect === verdict.requirement && flags.expect !== 'deny')
    const user = identity.kind === 'user' ? identity : undefined
    const level = user?.level ?? 0
    this.log(`${flags.method} ${url}`)
    this.log(
      [
        `from ${request.clientAddress.text}${flags.ip === undefined ? ", assumed: it is in nobody's network; --ip says another" : ''}`,
        user
          ? `${user.username || 'somebody'} (${user.groups.join(', ') || 'no groups'}), signed in with ${LEVEL_NAMES[level]}${flags.level === undefined ? ', assumed; --level says another' : ''}`
          : `nobody has signed in${flags.level === undefined ? ', assumed; --username says who' : ''}`,
        '',
      ].join('\n'),
    )
    const who = { name: user && level > 0 ? user.username || 'somebody' : undefined, level }
    const placeOf = (rule: number): string => placeOfRule(rule, config.accessControl.rules)
    this.log(explanationText(explanation, { verbose: flags.verbose, placeOf, who }))
    if (isForeign)
      this.log(`\nBut the gate refuses it before it asks the rules: no session.cookies[].domain covers ${host}.`)
    if (asExpected === false) {
      this.logToStderr(`Expected was ${flags.expect}.`)
      process.exitCode = 1
    }
    return {
      request: { url, method: flags.method, ip: request.clientAddress.text },
      user: user && { username: user.username, groups: user.groups, level: LEVEL_NAMES[level] },
      assumed: [
        ...(flags.ip === undefined ? (['ip'] as const) : []),
        ...(flags.level !== undefined ? [] : user ? (['level'] as const) : (['username'] as const)),
      ],
      answer,
      reason: isForeign ? 'foreign-host' : reason,
      requirement: verdict.requirement,
      rule: verdict.rule,
      position: placeOf(verdict.rule),
      asExpected,
      readings: explanation.readings,
    }
  }

  /** Groups alone are somebody without a name, as with Authelia. */
  #identity(
    username: string | undefined,
    given: readonly string[] | undefined,
    levelName: string | undefined,
    { people, problems }: LoadedRules,
  ): Identity {
    if (username === undefined && given === undefined) {
      if (levelName === undefined || levelName === 'none') return ANONYMOUS
      throw new Fault('access-question', `Nobody can have signed in with ${levelName} and be nobody.`, {
        hint: 'Say who: --username or --groups.',
        exitCode: 2,
      })
    }
    if (username !== undefined && given === undefined) {
      if (people === undefined)
        this.logToStderr(`${formatProblems(problems)}\nThe groups of ${username} are not known; --groups says them.\n`)
      else if (!people.has(username))
        this.logToStderr(`Nobody called ${username} may sign in by the users file; taken as somebody without groups.\n`)
    }
    const level = LEVEL_NAMES.findIndex((name) => name === (levelName ?? 'two_factor')) as Level
    const name = username ?? ''
    const groups = given ?? people?.get(name) ?? []
    return { kind: 'user', username: name, groups, displayName: name, emails: [], level }
  }
}
