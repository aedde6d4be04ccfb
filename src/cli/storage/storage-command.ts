// What every command that works on the database shares: the flags that say which one, opening it beside a running server, and administrative
// actions.
import { Flags } from '@oclif/core'
import type { ActionAnswer, ActionName } from '../../admin/actions.ts'
import { systemClock } from '../../base/clock.ts'
import type { Config } from '../../config/config.ts'
import { locateStorage, openStorage } from '../../storage/open-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { ConfigCommand, configFlags } from '../config/config-command.ts'
import type { ConfigFlags } from '../config/load-request.ts'
import { act } from './act-on-stores.ts'

export const storageFlags = {
  ...configFlags,
  'sqlite.path': Flags.string({ description: 'Database file, instead of storage.local.path.', helpValue: 'FILE' }),
  'encryption-key': Flags.string({
    description: 'Instead of storage.encryption_key. With --sqlite.path no configuration is needed.',
    helpValue: 'KEY',
  }),
}
export interface StorageFlags extends ConfigFlags {
  readonly 'sqlite.path'?: string | undefined
  readonly 'encryption-key'?: string | undefined
}

export interface StoragePlace {
  /** The file that is really used, see `locateStorage`. */
  readonly path: string
  /** As it was written. */
  readonly configuredPath: string
  readonly encryptionKey: string
  /** Seals sessions; undefined when no configuration is read. */
  readonly sessionSecret: string | undefined
  /** Whether sessions have a secret of their own. */
  readonly hasSessionSecret: boolean
  /** Undefined when the flags say it all. */
  readonly config: Config | undefined
}

export abstract class StorageCommand extends ConfigCommand {
  /** @throws Fault `configuration-invalid`, `database-foreign` */
  protected place(flags: StorageFlags): StoragePlace {
    const { 'sqlite.path': path, 'encryption-key': key } = flags
    const saysItAll = path !== undefined && key !== undefined && flags.config === undefined
    const config = saysItAll ? undefined : this.load(flags).config
    const configuredPath = path ?? config?.storage.path ?? ''
    const encryptionKey = key ?? config?.storage.encryptionKey ?? ''
    return {
      path: locateStorage(configuredPath).path,
      configuredPath,
      encryptionKey,
      sessionSecret: config && (config.session.secret ?? encryptionKey),
      hasSessionSecret: config?.session.secret !== undefined,
      config,
    }
  }

  /** Opens storage as configured, hands it to `work` and closes it whatever happens. */
  protected async withStorage<T>(
    flags: StorageFlags,
    work: (storage: Storage, config: Config | undefined) => Promise<T>,
  ): Promise<T> {
    const { configuredPath: path, encryptionKey, config } = this.place(flags)
    const storage = await openStorage({ path, encryptionKey, clock: systemClock })
    try {
      return await work(storage, config)
    } finally {
      await storage.close()
    }
  }

  /** See `act` in act-on-stores.ts. */
  protected async act<Name extends ActionName>(
    flags: StorageFlags,
    name: Name,
    params: unknown,
    options?: { readonly make?: boolean },
  ): Promise<ActionAnswer<Name>> {
    return act(this.place(flags), name, params, options)
  }
}
