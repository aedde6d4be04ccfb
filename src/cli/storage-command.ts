// What every command that works on the database shares: the flags that say which one, opening it beside a running server, closing it.
import { Flags } from '@oclif/core'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config/config.ts'
import { openStorage } from '../storage/open-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { ConfigCommand, configFlags } from './config-command.ts'
import type { ConfigFlags } from './load-request.ts'

export const storageFlags = {
  ...configFlags,
  'sqlite.path': Flags.string({ description: 'Database file, instead of storage.local.path.', helpValue: 'FILE' }),
  'encryption-key': Flags.string({ description: 'Instead of storage.encryption_key.', helpValue: 'KEY' }),
}
interface StorageFlags extends ConfigFlags {
  readonly 'sqlite.path'?: string | undefined
  readonly 'encryption-key'?: string | undefined
}

export abstract class StorageCommand extends ConfigCommand {
  /** Opens storage as configured, hands it to `work` and closes it whatever happens. */
  protected async withStorage<T>(
    flags: StorageFlags,
    work: (storage: Storage, config: Config) => Promise<T>,
  ): Promise<T> {
    const { config } = this.load(flags)
    const storage = await openStorage({
      path: flags['sqlite.path'] ?? config.storage.path,
      encryptionKey: flags['encryption-key'] ?? config.storage.encryptionKey,
      clock: systemClock,
    })
    try {
      return await work(storage, config)
    } finally {
      await storage.close()
    }
  }
}
