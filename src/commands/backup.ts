// latchkey backup: both databases in one file, also while a server runs.
import { resolve } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { type BackupReport, type BackupStep, backUp } from '../backup/back-up.ts'
import { systemClock } from '../base/clock.ts'
import { askSecret } from '../cli/options/secret-option.ts'
import { StorageCommand, storageFlags } from '../cli/storage/storage-command.ts'
import { createProgress, type Progress } from '../cli/terminal/progress.ts'
import { sessionsPath } from '../session/open-sessions.ts'
import { storageKey } from '../storage/encryption.ts'

const STEPS: Readonly<Record<BackupStep, string>> = {
  storage: 'Copying storage',
  sessions: 'Copying sessions',
  write: 'Writing',
  verify: 'Reading back',
}

export default class Backup extends StorageCommand {
  static override description =
    `Write storage and sessions to one file (mode 0600), as they are at one moment each, while servers go on. Copies are checked for integrity and against the encryption key, and the file is read back before it gets its name.

The file is a gzipped tar. One-time-code secrets in it are encrypted with storage.encryption_key, the rest is not: encrypt it where others could read it. The configuration, its secrets and the users file are not in it; copy them yourself.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> /backups/latchkey.tar.gz --force',
    '<%= config.bin %> <%= command.id %> /backups/latchkey.tar.gz.enc --passphrase-file /etc/latchkey/backup-passphrase',
  ]
  static override enableJsonFlag = true
  static override args = {
    file: Args.string({ description: 'File to write. Default: a name with the time, in this folder.' }),
  }
  static override flags = {
    ...storageFlags,
    encrypt: Flags.boolean({
      char: 'e',
      description: 'Encrypt it with a passphrase that is asked for, or read from a pipe.',
    }),
    'passphrase-file': Flags.string({ description: 'Encrypt it with the passphrase in this file.', helpValue: 'FILE' }),
    force: Flags.boolean({ char: 'f', default: false, description: 'Replace a file that exists.' }),
  }

  async run(): Promise<BackupReport> {
    const { args, flags } = await this.parse(Backup)
    const { path, encryptionKey } = this.place(flags)
    const encrypts = flags.encrypt || flags['passphrase-file'] !== undefined
    const stamp = new Date(systemClock.now()).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
    const passphrase = encrypts
      ? await askSecret({
          label: 'Passphrase of the backup',
          file: flags['passphrase-file'],
          isNew: true,
          hint: 'Type it at a terminal, pipe it in, or name a file with --passphrase-file.',
        })
      : undefined
    const shown = new Map<BackupStep, Progress>()
    const report = await backUp({
      storagePath: path,
      sessionsPath: sessionsPath(path),
      key: storageKey(encryptionKey),
      // In full: whoever runs this from a timer doesn't know the folder.
      file: resolve(args.file ?? `latchkey-backup-${stamp}.tar.gz${encrypts ? '.enc' : ''}`),
      force: flags.force,
      passphrase,
      clock: systemClock,
      tell: (step, done, total) => {
        if (this.jsonEnabled()) return
        let progress = shown.get(step)
        if (progress === undefined) {
          for (const earlier of shown.values()) earlier.end()
          progress = createProgress(STEPS[step])
          shown.set(step, progress)
        }
        progress.at(done, total)
      },
    }).finally(() => {
      for (const progress of shown.values()) progress.end()
    })
    const names = report.manifest.parts.map(({ part }) => part).join(' and ')
    this.log(
      `${report.file}: ${names}, ${report.size} bytes${report.encrypted ? ', encrypted' : ''}, read back and whole.`,
    )
    return report
  }
}
