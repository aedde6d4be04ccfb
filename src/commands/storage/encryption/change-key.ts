// latchkey storage encryption change-key: seals every secret in the database with another key, all of them or none.
import { Flags } from '@oclif/core'
import { systemClock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { askSecret } from '../../../cli/options/secret-option.ts'
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { createProgress, noProgress } from '../../../cli/terminal/progress.ts'
import { count } from '../../../cli/terminal/table.ts'
import { recordEvents } from '../../../cli/trail/record-events.ts'
import { changeStorageKey } from '../../../storage/change-storage-key.ts'

/** As Authelia's; the configuration demands it too. */
const SHORTEST_KEY = 20

export default class StorageEncryptionChangeKey extends StorageCommand {
  static override description =
    'Encrypt every secret in the database with a new key. One transaction: whatever happens meanwhile, either the old key or the new one opens everything. The server must be stopped, and the new key must be put into the configuration afterwards.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> < new-key.txt',
    '<%= config.bin %> <%= command.id %> --new-encryption-key 0e95cb49-5804-4ad9-be82-bb04a9ddecd8',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    'new-encryption-key': Flags.string({
      description:
        'The new key, at least 20 characters. Asked for otherwise, or read from a pipe: other users can see flags.',
      helpValue: 'KEY',
    }),
  }

  async run(): Promise<{ secrets: number }> {
    const { flags } = await this.parse(StorageEncryptionChangeKey)
    const { path, encryptionKey, hasSessionSecret } = this.place(flags)
    const given = await askSecret({
      label: 'New encryption key',
      given: flags['new-encryption-key'],
      isNew: true,
      hint: 'Type it at a terminal, pipe it in, or give it with --new-encryption-key. Nothing was changed.',
    })
    if (given.length < SHORTEST_KEY) {
      throw new Fault(
        'new-encryption-key',
        `The new encryption key must be at least ${SHORTEST_KEY} characters long.`,
        {
          hint: '`latchkey crypto rand` makes a good one. Nothing was changed.',
          exitCode: 2,
        },
      )
    }
    if (given === encryptionKey) {
      throw new Fault('new-encryption-key', 'The new encryption key is the present one.', {
        hint: 'Nothing was changed.',
        exitCode: 2,
      })
    }
    const progress = this.jsonEnabled() ? noProgress : createProgress('Encrypting')
    let secrets: number
    try {
      secrets = changeStorageKey({ path, from: encryptionKey, to: given, clock: systemClock, tell: progress.at })
    } finally {
      progress.end()
    }
    await recordEvents({ path, encryptionKey: given }, [{ kind: 'key-changed', username: '' }])
    this.log(`Completed the encryption key change: ${count(secrets, 'secret')} encrypted anew.`)
    this.log('Put the new key into the configuration (storage.encryption_key) before the server starts again.')
    if (!hasSessionSecret) this.log('session.secret is not set, so everybody will have to sign in again.')
    return { secrets }
  }
}
