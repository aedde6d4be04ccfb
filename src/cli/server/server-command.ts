// What commands that ask a running server share: the flags that say which one, and asking it or saying that there is none.
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { ConfigCommand, configFlags } from '../config/config-command.ts'
import { callServer } from './admin-client.ts'
import { type ServerFlags, storagePathFor } from './find-server.ts'

export const serverFlags = {
  ...configFlags,
  'sqlite.path': Flags.string({
    description: 'Database of the server that is meant, instead of storage.local.path.',
    helpValue: 'FILE',
  }),
}

export abstract class ServerCommand extends ConfigCommand {
  /** @throws Fault `no-server` (exit 3), those of `storagePathFor` and `callServer` */
  protected async ask(flags: ServerFlags, action: string, params?: unknown): Promise<unknown> {
    const path = storagePathFor(flags)
    const answer = await callServer(path, action, params)
    if (answer.kind === 'answered') return answer.value
    throw new Fault('no-server', `No server runs on the database ${path}.`, {
      hint: 'Start it with `latchkey serve`, or name the configuration it was started with.',
    })
  }
}
