// latchkey restore: puts the databases of a backup in place, while no server runs.
import { Args, Flags } from '@oclif/core'
import { isEncrypted, type Manifest } from '../backup/backup-file.ts'
import type { EndedGrants } from '../backup/end-grants.ts'
import { checkBackup, restore } from '../backup/restore.ts'
import { systemClock } from '../base/clock.ts'
import { askSecret } from '../cli/options/secret-option.ts'
import { StorageCommand, storageFlags } from '../cli/storage/storage-command.ts'
import { createProgress, noProgress } from '../cli/terminal/progress.ts'
import { recordEvents } from '../cli/trail/record-events.ts'
import { sessionsPath } from '../session/open-sessions.ts'
import { storageKey } from '../storage/encryption.ts'

export interface Restored {
  readonly manifest: Manifest
  /** Empty with --check, as is what ended. */
  readonly restored: readonly string[]
  readonly kept: readonly string[]
  readonly ended: EndedGrants | null
}

export default class Restore extends StorageCommand {
  static override description =
    `Put the databases of a backup in place. The backup is read as a whole and checked first; the server must be stopped. What was there is kept beside it.

Sessions that live now stay, since one that was ended after the backup would live again; those of the backup come back only where there is no session database, or with --sessions. Codes and links that were sent, and trust in browsers, end; recovery codes that were used meanwhile stay used, as far as the database that is replaced can tell. What was removed since the backup (passkeys, one-time-code devices) is there again.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> latchkey-backup.tar.gz --check',
    '<%= config.bin %> <%= command.id %> latchkey-backup.tar.gz --force',
    '<%= config.bin %> <%= command.id %> latchkey.tar.gz.enc --passphrase-file /etc/latchkey/backup-passphrase',
  ]
  static override enableJsonFlag = true
  static override args = { file: Args.string({ required: true, description: 'The backup.' }) }
  static override flags = {
    ...storageFlags,
    'passphrase-file': Flags.string({
      description: 'File with the passphrase of an encrypted backup.',
      helpValue: 'FILE',
    }),
    force: Flags.boolean({
      char: 'f',
      default: false,
      description: 'Replace a database that exists; it is kept beside it.',
    }),
    check: Flags.boolean({ description: 'Read and check the backup only; nothing is changed.' }),
    sessions: Flags.boolean({
      allowNo: true,
      description: 'Take the sessions of the backup in any case; with --no-sessions never.',
    }),
  }

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(Restore)
    const { path, encryptionKey } = this.place(flags)
    const passphrase = isEncrypted(args.file)
      ? await askSecret({
          label: 'Passphrase of the backup',
          file: flags['passphrase-file'],
          isNew: false,
          hint: 'Type it at a terminal, pipe it in, or name a file with --passphrase-file.',
        })
      : undefined
    const progress = this.jsonEnabled() ? noProgress : createProgress('Reading')
    const request = {
      file: args.file,
      passphrase,
      storagePath: path,
      key: storageKey(encryptionKey),
      tell: progress.at,
    }
    if (flags.check) {
      const manifest = await checkBackup(request).finally(progress.end)
      this.log(`${args.file}: ${described(manifest)}. It is whole and fits the encryption key; nothing was changed.`)
      return { manifest, restored: [], kept: [], ended: null }
    }
    const result = await restore({
      ...request,
      sessionsPath: sessionsPath(path),
      force: flags.force,
      sessions: flags.sessions === undefined ? 'if-none' : flags.sessions ? 'take' : 'leave',
      clock: systemClock,
    }).finally(progress.end)
    await recordEvents({ path, encryptionKey }, [
      { kind: 'restored', username: '', subject: result.restored.join(',') },
    ])
    this.log(`Restored ${result.restored.join(' and ')} from ${args.file}: ${described(result.manifest)}.`)
    for (const name of result.kept) this.log(`What was there is kept as ${name}`)
    const { browsers, recoveryCodes } = result.ended
    if (browsers > 0) this.log(`Browsers that aren't trusted any more: ${browsers}.`)
    if (recoveryCodes > 0)
      this.log(`Recovery codes that were used after the backup was made, and stay used: ${recoveryCodes}.`)
    if (!result.restored.includes('sessions')) this.log('Sessions are as they were before.')
    else if (flags.sessions)
      this.logToStderr('Sessions that were ended after the backup was made live again: `latchkey sessions list`.')
    return result
  }
}

const described = ({ createdAt, program, parts }: Manifest): string =>
  `${parts.map(({ part }) => part).join(' and ')} of ${createdAt}, made by Latchkey ${program}`
