// What the commands about opaque identifiers share: adding some, all or none, and saying what stands in the way.
import { Fault } from '../../base/fault.ts'
import type { UserIdentifier } from '../../storage/identifiers.ts'
import { visible } from '../terminal/table.ts'
import { StorageCommand, type StorageFlags } from './storage-command.ts'

export abstract class IdentifiersCommand extends StorageCommand {
  /** @throws Fault `identifier-exists` when one stands in the way; then nothing is added */
  protected async add(flags: StorageFlags, identifiers: readonly UserIdentifier[]): Promise<void> {
    const { inTheWay } = await this.act(flags, 'identifiers.add', { identifiers }, { make: true })
    if (inTheWay.length === 0) return
    const names = inTheWay.map(({ username, sectorId }) => visible(sectorId ? `${username} (${sectorId})` : username))
    throw new Fault('identifier-exists', `These have an identifier already, or it is in use: ${names.join(', ')}.`, {
      hint: 'Nothing was added. `latchkey storage user identifiers export` lists them all.',
      exitCode: 1,
    })
  }
}
