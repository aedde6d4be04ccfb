// Messages that wait until they can be delivered. Notices outlast a crash: nobody waits for them, so a lost one would never be missed, and they hold
// no secret. Codes and links are kept in memory only: they are dead within minutes, and whoever asked for one can ask again.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { randomToken } from '../base/secret.ts'
import type { Mail } from './mailer.ts'
import { DeliveryFailure } from './message.ts'

export interface QueueOptions {
  /** @throws DeliveryFailure */
  readonly deliver: (mail: Mail, signal: AbortSignal) => Promise<void>
  readonly atOnce: () => number
  readonly store: MailStore
  readonly clock: Clock
  readonly log: Logger
  /** Milliseconds before the next attempt; the last one counts for all that follow. */
  readonly delays?: readonly number[]
  /** Messages that may wait. */
  readonly limit?: number
}

/** Where messages are kept that must outlast a crash; sealed there. */
export interface MailStore {
  add(mail: { readonly id: string; readonly usefulUntil: number; readonly content: Uint8Array }): Promise<void>
  remove(id: string): Promise<void>
  list(): Promise<
    readonly { readonly id: string; readonly usefulUntil: number; readonly content: Uint8Array | undefined }[]
  >
}

/** Times are milliseconds since the epoch. */
export interface QueueFacts {
  /** Being delivered, or to be. */
  readonly waiting: number
  /** Since the start. */
  readonly delivered: number
  readonly lastDeliveredAt: number | undefined
  /** Since when nothing can be delivered, and why; gone as soon as the server answers. */
  readonly trouble: Failure | undefined
  /** The last of any kind. */
  readonly lastFailure: Failure | undefined
}

export interface Failure {
  readonly at: number
  /** Nothing of a message is in it. */
  readonly reason: string
}

export interface MailQueue {
  add(mail: Mail): void
  /** Takes up what was left of an earlier run. */
  restore(): Promise<void>
  /** Tries all that waits: there is reason to think that it works now. */
  retry(): void
  readonly facts: QueueFacts
  /** Delivers what can be delivered at once; cuts off what isn't done after `grace` milliseconds. Notices are kept for the next start. */
  stop(grace: number): Promise<void>
}

interface Waiting {
  readonly id: string
  readonly mail: Mail
  readonly usefulUntil: number
  /** Resolves when it is kept; undefined: it isn't to be. */
  kept: Promise<void> | undefined
  attempts: number
  /** Of `performance.now()`: a clock that is set doesn't make anybody wait. */
  notBefore: number
  isOnItsWay: boolean
}

const DELAYS = [1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000]
const LIMIT = 1000
const NOTICE_USEFUL = 2 * 86_400_000
const SELDOM = 60_000

export function createMailQueue(options: QueueOptions): MailQueue {
  const { clock, log, store, delays = DELAYS, limit = LIMIT } = options
  const waiting = new Set<Waiting>()
  const stopped = new AbortController()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let isStopping = false
  /** While the server can't be used, one message at a time tries whether it can. */
  let closedUntil = 0
  let failuresInARow = 0
  let delivered = 0
  let lastDeliveredAt: number | undefined
  let trouble: Failure | undefined
  let lastFailure: Failure | undefined
  let toldFullAt = Number.NEGATIVE_INFINITY

  const delayAfter = (failures: number): number => delays[Math.min(failures, delays.length) - 1] ?? 0

  const finish = (item: Waiting): void => {
    waiting.delete(item)
    if (item.kept === undefined) return
    const removed = item.kept.then(() => store.remove(item.id)).catch((error) => tellStore(error))
    track(removed)
  }
  const tellStore = (error: unknown): void => log.error({ err: error }, 'a mail that waits could not be kept on disk')
  const track = (work: Promise<void>): void => {
    running.add(work)
    void work.finally(() => running.delete(work))
  }

  const pump = (): void => {
    clearTimeout(timer)
    const now = performance.now()
    const isClosed = failuresInARow > 0
    let onTheirWay = [...waiting].filter(({ isOnItsWay }) => isOnItsWay).length
    let next = Number.POSITIVE_INFINITY
    for (const item of waiting) {
      if (item.isOnItsWay) continue
      if (clock.now() >= item.usefulUntil) {
        log.warn(
          { mail: item.mail.name, attempts: item.attempts },
          'a mail could not be delivered in time and is dropped',
        )
        finish(item)
        continue
      }
      const due = Math.max(item.notBefore, isClosed ? closedUntil : 0)
      if (due > now) next = Math.min(next, due)
      else if (onTheirWay < (isClosed ? 1 : options.atOnce())) {
        onTheirWay++
        track(attempt(item))
      }
    }
    if (next === Number.POSITIVE_INFINITY || isStopping) return
    timer = setTimeout(pump, Math.max(1, next - now))
    timer.unref()
  }

  const attempt = async (item: Waiting): Promise<void> => {
    item.isOnItsWay = true
    item.attempts++
    try {
      await options.deliver(item.mail, stopped.signal)
      succeeded(item)
    } catch (error) {
      failed(item, error)
    }
    item.isOnItsWay = false
    pump()
  }

  /** Whatever it says of a message, the server can be used. */
  const answered = (): void => {
    if (trouble !== undefined) log.info({}, 'the mail server can be used again')
    trouble = undefined
    failuresInARow = 0
  }

  const succeeded = (item: Waiting): void => {
    answered()
    delivered++
    lastDeliveredAt = clock.now()
    finish(item)
  }

  const failed = (item: Waiting, error: unknown): void => {
    const { mail } = item
    if (!(error instanceof DeliveryFailure)) {
      log.error({ mail: mail.name, err: error }, 'a mail could not be made and is dropped; this is a bug in Latchkey')
      finish(item)
      return
    }
    const at = clock.now()
    const reason = withoutSecrets(error.message, mail)
    // Once an outage, not once an attempt.
    const isNews = lastFailure?.reason !== reason || (lastDeliveredAt ?? 0) >= lastFailure.at
    lastFailure = { at, reason }
    switch (error.kind) {
      case 'refused':
        answered()
        log.error({ mail: mail.name, to: mail.to.address, reason }, 'a mail is refused for good and dropped')
        finish(item)
        return
      case 'later':
        answered()
        item.notBefore = performance.now() + delayAfter(item.attempts)
        break
      case 'unreachable':
        trouble = { at: trouble?.at ?? at, reason }
        failuresInARow++
        closedUntil = performance.now() + delayAfter(failuresInARow)
    }
    if (isNews) log.warn({ mail: mail.name, reason }, 'mail can not be delivered; it is tried again')
  }

  const push = (item: Waiting): void => {
    waiting.add(item)
    // Not in the turn of whoever asked: how long making it takes would tell him whether there was anything to send.
    setImmediate(pump)
  }

  return {
    add(mail) {
      if (isStopping) return void log.warn({ mail: mail.name }, 'a mail came while the server stops, and is dropped')
      if (waiting.size >= limit) {
        const now = performance.now()
        if (now - toldFullAt > SELDOM)
          log.error({ limit, mail: mail.name }, 'too many mails wait; new ones are dropped')
        if (now - toldFullAt > SELDOM) toldFullAt = now
        return
      }
      const id = randomToken(16)
      const usefulUntil = clock.now() + usefulFor(mail)
      const content = Buffer.from(JSON.stringify(mail))
      const kept = mail.name === 'notice' ? store.add({ id, usefulUntil, content }).catch(tellStore) : undefined
      push({ id, mail, usefulUntil, kept, attempts: 0, notBefore: 0, isOnItsWay: false })
    },

    async restore() {
      for (const { id, usefulUntil, content } of await store.list()) {
        const mail = content && mailOf(content)
        if (mail === undefined || clock.now() >= usefulUntil) {
          log.warn({ mail: mail?.name }, 'a mail that was left of an earlier run is dropped')
          await store.remove(id)
          continue
        }
        push({ id, mail, usefulUntil, kept: Promise.resolve(), attempts: 0, notBefore: 0, isOnItsWay: false })
      }
    },

    retry() {
      failuresInARow = 0
      for (const item of waiting) item.notBefore = 0
      pump()
    },

    get facts() {
      return { waiting: waiting.size, delivered, lastDeliveredAt, trouble, lastFailure }
    },

    async stop(grace) {
      isStopping = true
      pump()
      const limit = setTimeout(() => stopped.abort(), grace)
      while (running.size > 0) await Promise.allSettled(running)
      clearTimeout(limit)
      clearTimeout(timer)
      const lost = [...waiting].filter(({ kept }) => kept === undefined).length
      if (waiting.size > 0) log.warn({ kept: waiting.size - lost, lost }, 'mails were not delivered before the end')
      waiting.clear()
    },
  }
}

/** Milliseconds: a code or a link that has run out helps nobody. */
function usefulFor(mail: Mail): number {
  const values: object = mail.values
  return 'minutes' in values ? Number(values.minutes) * 60_000 : NOTICE_USEFUL
}

function mailOf(content: Uint8Array): Mail | undefined {
  try {
    return JSON.parse(Buffer.from(content).toString()) as Mail
  } catch {
    return undefined
  }
}

/** Servers may repeat what they were told. */
function withoutSecrets(reason: string, { values }: Mail): string {
  const secrets = Object.values(values).filter(
    (value): value is string => typeof value === 'string' && value.length > 3,
  )
  return secrets.reduce<string>((text, secret) => text.replaceAll(secret, '…'), reason)
}
