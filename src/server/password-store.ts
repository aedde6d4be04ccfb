// Setting passwords of users who live in a file: judged and hashed in the hashing process, written as a person would edit the file, and in force before
// the answer. Nobody's simultaneous edit is overwritten, and no password is set over one that was changed meanwhile.
import { accessSync, constants, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { editFile } from '../base/edit-file.ts'
import { Fault } from '../base/fault.ts'
import type { Logger } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import { changeUsers, userByName } from '../directory/change-users.ts'
import { type FileDirectory, readUsersFile } from '../directory/file-directory.ts'
import type { HashQueue } from '../directory/hash-queue.ts'
import { longestPassword } from '../directory/password-hash.ts'
import { readUserEntries, stampOf } from '../directory/users-file.ts'
import type { PasswordStore } from '../login/password-store.ts'

/** Another editor holds the file for milliseconds; nothing else happens here while it is waited for, so each wait is short. */
const PATIENCE = 20
const ATTEMPTS = 100

export interface PasswordStoreDeps {
  readonly current: () => { readonly config: Config; readonly directory: FileDirectory }
  readonly hashing: HashQueue
  /** Reads all files anew, and ends no session of this user; resolves when what they say counts, or is refused. */
  readonly reload: (username: string) => Promise<unknown>
  readonly log: Logger
}

export function createPasswordStore({ current, hashing, reload, log }: PasswordStoreDeps): PasswordStore {
  const failed = (error: unknown): 'failed' => {
    const { message, hint } = error instanceof Fault ? error : { message: String(error), hint: undefined }
    log.error(
      { file: current().config.directory.file.path, hint, err: error },
      `a password could not be set: ${message}`,
    )
    return 'failed'
  }

  return {
    async weaknesses(password, user, from) {
      const { directory, passwordPolicy } = current().config
      const most = longestPassword(directory.file.password)
      // what can't be hashed as a whole, or is no text, is never taken
      if (Buffer.byteLength(password) > most || !password.isWellFormed() || password.includes('\0'))
        return [{ kind: 'too-long', most }]
      const about = [user.username, user.displayName, ...user.emails]
      return (await hashing.judge(password, passwordPolicy, about, from)) ?? 'overloaded'
    },

    canWrite() {
      const { path } = current().config.directory.file
      try {
        accessSync(dirname(realpathSync(path)), constants.W_OK)
        return true
      } catch (error) {
        failed(unwritable(path, error))
        return false
      }
    },

    hash: (password, from) => hashing.make(password, current().config.directory.file.password, from),

    async write(username, hash, expectedStamp) {
      try {
        const written = await edited(username, hash, expectedStamp)
        if (written !== 'written') return written
      } catch (error) {
        return failed(error)
      }
      await reload(username)
      const { directory, config } = current()
      if (directory.passwordStamp?.(username) !== expectedStamp) return 'written'
      // Something else is wrong with the files, so that nothing of them was taken over: the users are, all the same.
      const read = readUsersFile(config.directory.file)
      if (read.kind === 'ok') directory.replace(read.users)
      return 'written'
    },
  }

  async function edited(
    username: string,
    hash: string,
    expectedStamp: string,
  ): Promise<'written' | 'changed' | 'failed'> {
    const { file } = current().config.directory
    let outcome: 'written' | 'changed' | 'failed' = 'changed'
    const edit = (content: Buffer | undefined): Uint8Array | undefined => {
      outcome = 'changed'
      const read = content && readUserEntries(content, file)
      const entry = read?.kind === 'ok' ? userByName(read, username, file.search) : undefined
      if (content === undefined || !entry || entry.disabled || stampOf(entry.hash) !== expectedStamp) return undefined
      const fields = new Map([['password', hash]])
      const result = changeUsers(content, [{ kind: 'set', username, fields }], { ...file, force: true })
      if (result.kind !== 'ok') {
        outcome = failed(byHand(file.path, result.kind === 'impossible' ? result.reason : 'it is not valid'))
        return undefined
      }
      outcome = 'written'
      return result.bytes
    }
    for (let attempt = 1; ; attempt++) {
      try {
        editFile(file.path, edit, { patience: PATIENCE })
        return outcome
      } catch (error) {
        const isBusy = error instanceof Fault && error.code === 'file-busy'
        if (!isBusy || attempt === ATTEMPTS) throw error
        await sleep(PATIENCE)
      }
    }
  }
}

const unwritable = (path: string, cause: unknown): Fault =>
  new Fault('users-file-read-only', `${path} can't be replaced: this server may not write into its folder.`, {
    hint: 'Let the user that Latchkey runs as write there, or turn password_reset and password_change off.',
    cause,
  })

const byHand = (path: string, reason: string): Fault =>
  new Fault('users-file-by-hand', `${path} can't be edited by Latchkey: ${reason}.`, {
    hint: 'Edit it by hand; the file is as it was.',
  })
