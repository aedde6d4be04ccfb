// Into a file, as Authelia does: the latest message only, its text part, readable by nobody else. For trying things out.
import { constants } from 'node:fs'
import { access, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { FileNotifierConfig } from '../config/config.ts'
import { DeliveryFailure, type Message, type Transport } from './message.ts'

export function createFileTransport({ path }: FileNotifierConfig, clock: Clock): Transport {
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      throw new DeliveryFailure(
        'unreachable',
        `${path}: ${(error as NodeJS.ErrnoException).code ?? 'can not be written'}`,
      )
    }
  }
  const makeFolder = () => mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return {
    place: path,
    // One takes the place of the other.
    atOnce: 1,
    check: () =>
      attempt(async () => {
        await makeFolder()
        // Made where it is missing, and left as it is otherwise: somebody may still want to read what is in it.
        await (await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, 0o600)).close()
        await access(path, constants.W_OK)
      }),
    deliver: (message) =>
      attempt(async () => {
        await makeFolder()
        const file = await open(path, 'w', 0o600)
        try {
          await file.writeFile(textOf(message, clock.now()))
          // A pipe or a terminal has nothing to bring to the disk.
          await file.sync().catch(() => {})
        } finally {
          await file.close()
        }
      }),
  }
}

/** The layout that tools for Authelia look for. */
function textOf({ to, title, text }: Message, now: number): string {
  const date = new Date(now).toISOString().replace('T', ' ').replace('Z', ' +0000 UTC')
  return `Date: ${date}\nRecipient: {${to.name} ${to.address}}\nSubject: ${title}\n${text}\n\n`
}
