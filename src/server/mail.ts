// Mail of a running server: the queue that outlives a configuration, emptied by whichever notifier is in force.
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Logger } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import { isAddress } from '../notify/address.ts'
import type { Mailer } from '../notify/mailer.ts'
import { DeliveryFailure } from '../notify/message.ts'
import type { Notifier } from '../notify/notifier.ts'
import { createMailQueue, type QueueFacts } from '../notify/queue.ts'
import type { MailsRepository } from '../storage/mails.ts'
import type { MailStatus } from './status.ts'

export interface ServerMail {
  readonly mailer: Mailer
  status(): MailStatus
  /** Sends a message to see whether it arrives, past the queue. */
  test(params: unknown): Promise<MailTest>
  /** The notifier may be another one: whatever waits is tried by it. */
  retry(): void
  stop(grace: number): Promise<void>
}

export type MailTest =
  | { readonly kind: 'delivered'; readonly place: string }
  | { readonly kind: 'failed'; readonly place: string; readonly reason: string }

/** A page where somebody who got a mail can look and act. */
export const firstPortal = ({ session }: Pick<Config, 'session'>): string => {
  const [first] = session.cookies
  return first?.portalUrl ?? `https://${first?.domain ?? 'localhost'}/`
}

export interface MailGround {
  readonly current: () => { readonly notifier: Notifier; readonly portalUrl: string }
  readonly store: MailsRepository
  readonly clock: Clock
  readonly log: Logger
}

/** Takes up what an earlier run left. */
export async function openMail({ current, store, clock, log }: MailGround): Promise<ServerMail> {
  const queue = createMailQueue({
    deliver: (mail, signal) => current().notifier.deliver(mail, signal),
    atOnce: () => current().notifier.atOnce,
    store,
    clock,
    log,
  })
  await queue.restore()
  return {
    mailer: { isEnabled: true, send: (mail) => queue.add(mail) },
    status: () => mailStatus(current().notifier.place, queue.facts),
    test: (params) => sendTest(current().notifier, current().portalUrl, params, clock),
    retry: () => queue.retry(),
    stop: (grace) => queue.stop(grace),
  }
}

function mailStatus(place: string, facts: QueueFacts): MailStatus {
  const { waiting, delivered, lastDeliveredAt, trouble, lastFailure } = facts
  const timeOf = (at: number): string => new Date(at).toISOString()
  return {
    place,
    waiting,
    delivered,
    lastDelivered: lastDeliveredAt === undefined ? undefined : timeOf(lastDeliveredAt),
    trouble: trouble && { since: timeOf(trouble.at), reason: trouble.reason },
    lastFailure: lastFailure && { at: timeOf(lastFailure.at), reason: lastFailure.reason },
  }
}

/**
 * @param params `{ address }`
 * @throws Fault `mail-address` (exit 2)
 */
export async function sendTest(
  notifier: Notifier,
  portalUrl: string,
  params: unknown,
  clock: Clock,
): Promise<MailTest> {
  const address = typeof params === 'object' && params !== null && 'address' in params ? params.address : undefined
  if (typeof address !== 'string' || !isAddress(address)) {
    throw new Fault('mail-address', 'That is no address that mail can be sent to.', {
      hint: 'Write one plain address, like alice@example.com.',
      exitCode: 2,
    })
  }
  const { place } = notifier
  const values = { event: 'test', subject: '', from: 'latchkey mail test', at: clock.now(), portalUrl } as const
  const to = { address, displayName: '' }
  try {
    await notifier.deliver({ name: 'notice', to, language: 'en', values }, new AbortController().signal)
    return { kind: 'delivered', place }
  } catch (error) {
    if (!(error instanceof DeliveryFailure)) throw error
    return { kind: 'failed', place, reason: error.message }
  }
}
