// What every command that works on the database shares: the flags that say which one, opening it beside a running server, and administrative
// actions, which a running server does itself when there is one.
import { Flags } from '@oclif/core'
import { ACTIONS, type ActionAnswer, type ActionName, needsSessions } from '../../admin/actions.ts'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Config } from '../../config/config.ts'
import { openSessions, sessionsPath } from '../../session/open-sessions.ts'
import { detectDatabase } from '../../storage/detect-database.ts'
import { missingDatabase } from '../../storage/inspect-database.ts'
import { locateStorage, openStorage } from '../../storage/open-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { ConfigCommand, configFlags } from '../config/config-command.ts'
import type { ConfigFlags } from '../config/load-request.ts'
import { callServer } from '../server/admin-client.ts'
import { commandTrail } from '../trail/command-trail.ts'
import { withoutSessions } from './without-sessions.ts'

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
  /** Seals sessions. */
  readonly sessionSecret: string
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
      sessionSecret: config?.session.secret ?? encryptionKey,
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

  /**
   * Has the action done: by the server that runs on this database, or here when none does.
   * @param make whether to begin a database where there is none; without it that is the Fault `database-missing`
   */
  protected async act<Name extends ActionName>(
    flags: StorageFlags,
    name: Name,
    params: unknown,
    { make = false }: { readonly make?: boolean } = {},
  ): Promise<ActionAnswer<Name>> {
    const place = this.place(flags)
    const answer = await callServer(place.path, name, params)
    if (answer.kind === 'answered') return answer.value as ActionAnswer<Name>
    if (!make && ['missing', 'empty'].includes(detectDatabase(place.path))) throw missingDatabase(place.path)
    const onSessions = needsSessions(name)
    if (onSessions && place.config === undefined) {
      throw new Fault(
        'configuration-needed',
        'Sessions are sealed with session.secret, which stands in the configuration.',
        {
          hint: 'Name the configuration with --config.',
          exitCode: 2,
        },
      )
    }
    const clock = systemClock
    const undo: (() => Promise<void>)[] = []
    try {
      const storage = await openStorage({ path: place.configuredPath, encryptionKey: place.encryptionKey, clock })
      undo.unshift(() => storage.close())
      // Only where they are needed: a damaged session database mustn't keep anybody from banning.
      const open = onSessions
        ? await openSessions({ path: sessionsPath(place.path), secret: place.sessionSecret, clock })
        : undefined
      if (open) undo.unshift(() => open.close())
      const services = { storage, sessions: open ?? withoutSessions, audit: commandTrail(storage, clock), clock }
      return (await ACTIONS[name](services, params)) as ActionAnswer<Name>
    } finally {
      for (const close of undo) await close()
    }
  }
}
