// What every command that works on the users file shares: which file and by which rules, reading it, and changing it or saying why not.
import { existsSync } from 'node:fs'
import { Flags } from '@oclif/core'
import type { CommandEvent } from '../../admin/events.ts'
import { editFile } from '../../base/edit-file.ts'
import { Fault } from '../../base/fault.ts'
import { readIfThere } from '../../base/read-if-there.ts'
import type { Config } from '../../config/config.ts'
import { formatProblems } from '../../config/problem-text.ts'
import { changeUsers, type UserChange, type UsersNow } from '../../directory/change-users.ts'
import { defaultHash } from '../../directory/password-hash.ts'
import { readUserEntries } from '../../directory/users-file.ts'
import type { ReloadOutcome } from '../../server/reload.ts'
import { ConfigCommand, configFlags } from '../config/config-command.ts'
import { type ConfigFlags, loadRequest } from '../config/load-request.ts'
import { callServer } from '../server/admin-client.ts'
import { recordEvents } from '../trail/record-events.ts'
import type { PasswordRules } from './password-flags.ts'

export const usersFlags = {
  ...configFlags,
  file: Flags.string({
    description: 'Users file, instead of authentication_backend.file.path. Needs no configuration then.',
    helpValue: 'FILE',
  }),
}
interface UsersFlags extends ConfigFlags {
  readonly file?: string | undefined
}

export interface UsersPlace {
  readonly path: string
  readonly search: Config['directory']['file']['search']
  readonly extraAttributes: Config['directory']['file']['extraAttributes']
  readonly passwords: PasswordRules
  /** undefined: only the file was named. */
  readonly config: Config | undefined
}

interface ChangeUsersFile {
  readonly force?: boolean | undefined
  /** Where there is no file, one is made. */
  readonly create?: boolean
  /** Everything but writing. */
  readonly dryRun?: boolean
  /** Who stays signed in, although his password is another one by this change. */
  readonly keepSessionsOf?: readonly string[]
}

/** What a users file is that a command makes. */
const NEW_FILE =
  '# The users of Latchkey. `latchkey user` edits this file and leaves what you write here as it is.\nusers:\n'

export abstract class UsersCommand extends ConfigCommand {
  /** Sessions that a running server ended because it took a change over. */
  protected sessionsEnded = 0

  /** @throws Fault `configuration-invalid` */
  protected place(flags: UsersFlags): UsersPlace {
    const request = loadRequest(flags)
    const alone = flags.file !== undefined && !request.explicit && !request.paths.some((path) => existsSync(path))
    if (alone) {
      const passwords = { hash: defaultHash, policy: { kind: 'none' } } as const
      const search = { email: false, caseInsensitive: false }
      return { path: flags.file, search, extraAttributes: {}, passwords, config: undefined }
    }
    const { config } = this.load(flags)
    const { file } = config.directory
    return {
      path: flags.file ?? file.path,
      search: file.search,
      extraAttributes: file.extraAttributes,
      passwords: { hash: file.password, policy: config.passwordPolicy },
      config,
    }
  }

  /** @throws Fault `users-file` when it is missing or has errors */
  protected read(place: UsersPlace): UsersNow {
    const bytes = readIfThere(place.path)
    if (bytes === undefined) throw missing(place)
    return usersNow(place, bytes)
  }

  /**
   * @param changes from who is in the file at that moment; none leaves it as it is
   * @returns whether the file was written
   * @throws Fault `users-file`, `user-invalid`, `users-file-by-hand`, those of changeUsers and editFile
   */
  protected async change(
    place: UsersPlace,
    changes: (now: UsersNow) => readonly UserChange[],
    options: ChangeUsersFile = {},
  ): Promise<boolean> {
    const { force = false, create = false, dryRun = false, keepSessionsOf = [] } = options
    let list: readonly UserChange[] = []
    const edit = (content: Buffer | undefined): Uint8Array | undefined => {
      if (content === undefined && !create) throw missing(place)
      const bytes = content ?? Buffer.from(NEW_FILE)
      list = changes(usersNow(place, bytes))
      return list.length === 0 ? undefined : changed(place, bytes, list, force)
    }
    if (dryRun) return edit(readIfThere(place.path)) !== undefined
    const written = editFile(place.path, edit)
    if (written && place.config !== undefined) {
      await this.#tellServer(place.config.storage.path, keepSessionsOf)
      await recordEvents(place.config.storage, list.flatMap(eventsOf))
    }
    return written
  }

  /** A running server takes the change over at once. The file is written whatever it answers. */
  async #tellServer(storagePath: string, keepSessionsOf: readonly string[]): Promise<void> {
    try {
      const answer = await callServer(storagePath, 'reload', { keepSessionsOf })
      if (answer.kind === 'no-server') return
      const { kind, sessionsEnded } = answer.value as Partial<ReloadOutcome>
      this.sessionsEnded += sessionsEnded ?? 0
      if (kind !== 'refused') return
      this.logToStderr('The file is written, but the running server does not take it over. `latchkey status` says why.')
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.logToStderr(`The file is written, but the running server could not be told: ${error.message}`)
    }
  }

  /** As read, but a missing file is one without users. @throws Fault `users-file` */
  protected now(place: UsersPlace): UsersNow {
    return usersNow(place, readIfThere(place.path) ?? Buffer.from(NEW_FILE))
  }
}

/** What the trail has of a change: never a value. */
function eventsOf(change: UserChange): readonly CommandEvent[] {
  const { kind, username } = change
  if (kind === 'add') return [{ kind: 'user-added', username }]
  if (kind === 'remove') return [{ kind: 'user-removed', username }]
  const { password, disabled, ...others } = Object.fromEntries([...change.fields.keys()].map((name) => [name, true]))
  const fields = Object.keys(others)
  return [
    ...(password ? [{ kind: 'password-changed', username, reason: 'by-hand' } as const] : []),
    ...(disabled
      ? [{ kind: change.fields.get('disabled') === true ? 'user-disabled' : 'user-enabled', username } as const]
      : []),
    ...(fields.length > 0 ? [{ kind: 'user-changed', username, subject: fields.join(',') } as const] : []),
  ]
}

function usersNow(place: UsersPlace, bytes: Uint8Array): UsersNow {
  const read = readUserEntries(bytes, place)
  if (read.kind === 'ok') return read
  if (read.kind === 'empty') return { entries: [], nodes: undefined }
  throw new Fault('users-file', `The users file is not valid; it is left as it is.\n${formatProblems(read.problems)}`, {
    hint: 'Mend it first, so that nothing in it is misunderstood.',
    exitCode: 1,
  })
}

function changed(place: UsersPlace, bytes: Uint8Array, changes: readonly UserChange[], force: boolean): Uint8Array {
  const result = changeUsers(bytes, changes, { ...place, force })
  switch (result.kind) {
    case 'ok':
      return result.bytes
    case 'impossible': {
      const at = result.position ? `${result.position.file}:${result.position.line}` : place.path
      throw new Fault('users-file-by-hand', `${at} can't be edited by this command: ${result.reason}.`, {
        hint: 'Edit it by hand; the file is as it was.',
      })
    }
    case 'invalid': {
      const problems = formatProblems(result.problems)
      throw new Fault('user-invalid', `The users file would not be valid any more; it is left as it is.\n${problems}`, {
        hint: 'Places are those in the file as it would have been.',
        exitCode: 1,
      })
    }
  }
}

const missing = ({ path }: UsersPlace): Fault =>
  new Fault('users-file', `The users file ${path} doesn't exist.`, {
    hint: '`latchkey user add` makes it; or name another one with --file or --config.',
    exitCode: 1,
  })
