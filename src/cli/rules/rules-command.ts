// What the commands about access rules share: the rules of the configuration, compiled as the server compiles them, and the people of its users file.
import type { Config, RuleConfig } from '../../config/config.ts'
import type { Loaded } from '../../config/load.ts'
import { readUsersFile } from '../../directory/file-directory.ts'
import { compilePolicy } from '../../policy/compile.ts'
import type { RuleNumber } from '../../policy/model.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Problem } from '../../yaml/problem.ts'
import { ConfigCommand } from '../config/config-command.ts'
import type { ConfigFlags } from '../config/load-request.ts'

/** Groups by canonical name. */
export type People = ReadonlyMap<string, readonly string[]>

export interface LoadedRules {
  readonly loaded: Extract<Loaded, { kind: 'ok' }>
  readonly config: Config
  readonly policy: Policy
  /** Undefined where the users file can't be used; `problems` says why. */
  readonly people: People | undefined
  readonly problems: readonly Problem[]
}

export abstract class RulesCommand extends ConfigCommand {
  /** @throws Fault `configuration-invalid` */
  protected loadRules(flags: ConfigFlags): LoadedRules {
    const loaded = this.load(flags)
    const { config } = loaded
    const domains = config.session.cookies.map((cookie) => cookie.domain)
    return { loaded, config, policy: compilePolicy(config.accessControl, domains), ...peopleOf(config) }
  }
}

function peopleOf(config: Config): Pick<LoadedRules, 'people' | 'problems'> {
  const read = readUsersFile(config.directory.file)
  if (read.kind === 'invalid') return { people: undefined, problems: read.problems }
  return {
    people: new Map([...read.users.users].map(([name, { user }]) => [name, user.groups])),
    problems: [],
  }
}

/** `configuration.yml:18:7`; '' for the default policy. */
export function placeOfRule(rule: RuleNumber, rules: readonly RuleConfig[]): string {
  const position = rules[rule - 1]?.position
  return position ? `${position.file}:${position.line}:${position.column}` : ''
}
