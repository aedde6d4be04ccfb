// latchkey user import: brings users of another users file, or of a table, into ours. Who is here already stays as he is unless told otherwise.
import { Args, Flags } from '@oclif/core'
import { table, visible } from '../../cli/terminal/table.ts'
import { withHashes } from '../../cli/users/imported-passwords.ts'
import { type ImportFormat, importedUsers } from '../../cli/users/imported-users.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { userByName } from '../../directory/change-users.ts'
import { type ImportPlan, planImport } from '../../directory/import-users.ts'

type Imported = Omit<ImportPlan, 'changes'> & {
  readonly file: string
  readonly dryRun: boolean
  readonly passwords?: Readonly<Record<string, string>>
}

export default class UserImport extends UsersCommand {
  static override description =
    'Bring users from another users file (Authelia\'s format) or a CSV table into the users file: all of them or, when there is anything wrong, none. The table\'s first line names the columns: username, displayname, email, groups, password, disabled or any other field; "-" reads a pipe.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> /config/users_database.yml --dry-run',
    '<%= config.bin %> <%= command.id %> people.csv --generate',
    '<%= config.bin %> <%= command.id %> people.csv --plain-passwords --replace',
  ]
  static override enableJsonFlag = true
  static override args = {
    source: Args.string({ required: true, ignoreStdin: true, description: 'File to import; only read.' }),
  }
  static override flags = {
    ...usersFlags,
    format: Flags.string({ options: ['yaml', 'csv'], description: 'csv for files named so, yaml otherwise.' }),
    'dry-run': Flags.boolean({ description: 'Check everything, say what would be done, and write nothing.' }),
    replace: Flags.boolean({ description: 'Make who is here already as the import has him.' }),
    generate: Flags.boolean({ description: 'Make passwords for new users who have none, and print them, this once.' }),
    'plain-passwords': Flags.boolean({ description: 'The passwords in the import are plain text; hash them.' }),
    'allow-weak': Flags.boolean({ description: 'Take plain passwords that the policy refuses.' }),
    force: Flags.boolean({ char: 'f', description: 'Allow weak passwords and e-mail addresses that are in use.' }),
  }

  async run(): Promise<Imported> {
    const { args, flags } = await this.parse(UserImport)
    const place = this.place(flags)
    const source = await importedUsers(args.source, flags.format as ImportFormat | undefined, place)
    const dryRun = flags['dry-run'] === true
    const replace = flags.replace === true
    const now = this.now(place)
    const { users, generated } = await withHashes(
      source.users.map(({ username, fields }) => ({
        username,
        fields:
          fields.has('displayname') || userByName(now, username, place.search)
            ? fields
            : new Map([['displayname', username], ...fields]),
      })),
      {
        plain: flags['plain-passwords'] === true,
        generate: flags.generate === true,
        allowWeak: flags['allow-weak'] === true || flags.force === true,
        rules: place.passwords,
        here: (username) => userByName(now, username, place.search),
        replace,
      },
    )
    let plan: ImportPlan | undefined
    await this.change(
      place,
      (current) => {
        // Without removal of fields where the table has only some of them.
        plan = planImport(current, users, { replace, complete: source.format === 'yaml' }, place.search)
        return plan.changes
      },
      { create: true, force: flags.force, dryRun },
    )
    const { changes: _changes, ...outcome } = plan ?? { added: [], replaced: [], kept: [], same: [], changes: [] }
    this.log(report(outcome, args.source, place.path, dryRun))
    const passwords = dryRun ? [] : [...generated].filter(([name]) => outcome.added.includes(name))
    if (passwords.length > 0) this.log(table(['USER', 'PASSWORD'], passwords))
    return {
      ...outcome,
      file: place.path,
      dryRun,
      ...(passwords.length > 0 && { passwords: Object.fromEntries(passwords) }),
    }
  }
}

/** Names that are told, at most; --json has them all. */
const TOLD = 20
const shortened = (names: readonly string[]): string =>
  names.slice(0, TOLD).map(visible).join(', ') + (names.length > TOLD ? ` and ${names.length - TOLD} more` : '')

function report(plan: Omit<ImportPlan, 'changes'>, source: string, target: string, dryRun: boolean): string {
  const line = (names: readonly string[], what: string): string[] =>
    names.length > 0 ? [`  ${names.length} ${what}: ${shortened(names)}`] : []
  const would = dryRun ? 'would be ' : ''
  return [
    `${source} → ${target}${dryRun ? ' (dry run: nothing is written)' : ''}`,
    ...line(plan.added, `${would}added`),
    ...line(plan.replaced, `${would}replaced`),
    ...line(plan.kept, 'here already, kept (--replace makes them as imported)'),
    ...line(plan.same, 'here already, the same'),
  ].join('\n')
}
