import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { manualClock } from '../../src/base/clock.ts'
import type { Logger } from '../../src/base/log.ts'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { loadLook } from '../../src/notify/look.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import { DeliveryFailure } from '../../src/notify/message.ts'
import { createMailQueue, type MailStore, type QueueOptions } from '../../src/notify/queue.ts'
import { createSmtpTransport } from '../../src/notify/smtp.ts'
import { AUTHORITY, freePort, smtpConfig, startMailServer } from './mail-server.ts'

const CODE = 'ABCD2345'
const to = { address: 'alice@example.com', displayName: 'Alice' }
const code = (minutes = 5): Mail => ({
  name: 'one-time-code',
  to,
  language: 'en',
  values: { code: CODE, minutes, revokeUrl: 'https://auth.example.com/revoke?id=canary-id', from: '203.0.113.7' },
})
const notice = (subject = ''): Mail => ({
  name: 'notice',
  to,
  language: 'en',
  values: { event: 'new-sign-in', subject, from: '203.0.113.7', at: 0, portalUrl: 'https://auth.example.com/' },
})
const QUICK = [20, 40]

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: object
}

function ground() {
  const kept = new Map<string, { id: string; usefulUntil: number; content: Uint8Array }>()
  const store: MailStore = {
    add: async (mail) => void kept.set(mail.id, mail),
    remove: async (id) => void kept.delete(id),
    list: async () => [...kept.values()],
  }
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields })
  const log = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  } as unknown as Logger
  return { kept, store, lines, log, clock: manualClock(1_800_000_000_000) }
}

function open(t: TestContext, options: Partial<QueueOptions> & Pick<QueueOptions, 'deliver'>) {
  const around = ground()
  const queue = createMailQueue({ atOnce: () => 4, delays: QUICK, ...around, ...options })
  t.after(() => queue.stop(0))
  return { ...around, queue }
}

/** Resolves when it is so; the test runner's patience is the limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate()
}

/** By the real way, to a real port. */
const byMail = (port: number): QueueOptions['deliver'] => {
  const look = loadLook(loadLanguages(), undefined)
  const transport = createSmtpTransport(smtpConfig(port), [AUTHORITY])
  return (mail, signal) => transport.deliver(look(mail), signal)
}

test('a mail is delivered while whoever asked for it goes on', async (t) => {
  const server = await startMailServer(t, { delay: 50 })
  const { queue, kept } = open(t, { deliver: byMail(server.port) })
  queue.add(code())
  queue.add(notice())
  assert.equal(server.received.length, 0)
  assert.equal(queue.facts.waiting, 2)
  assert.equal(kept.size, 1, 'the notice, and not the code')
  await server.count(2)
  await until(() => queue.facts.delivered === 2 && kept.size === 0)
  assert.equal(queue.facts.waiting, 0)
})

test('a mail server that is down for a while costs nobody his mail, and is told of once', async (t) => {
  const port = await freePort()
  const { queue, lines } = open(t, { deliver: byMail(port) })
  for (let i = 0; i < 5; i++) queue.add(code())
  await until(() => queue.facts.trouble !== undefined)
  const server = await startMailServer(t, { port })
  const received = await server.count(5)
  assert.ok(received.every(({ parsed }) => parsed.text?.includes(`\n${CODE}\n`)))
  await until(() => queue.facts.waiting === 0)
  assert.equal(queue.facts.trouble, undefined)
  const told = lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => `${level} ${message}`)
  assert.deepEqual(told, [
    'warn mail can not be delivered; it is tried again',
    'info the mail server can be used again',
  ])
})

test('while the server is away one mail at a time asks for it', async (t) => {
  let atOnce = 0
  let most = 0
  let attempts = 0
  const { queue } = open(t, {
    async deliver() {
      attempts++
      most = Math.max(most, ++atOnce)
      await setImmediate()
      atOnce--
      throw new DeliveryFailure('unreachable', 'away')
    },
  })
  queue.add(code())
  await until(() => attempts === 1 && queue.facts.trouble !== undefined)
  for (let i = 0; i < 50; i++) queue.add(code())
  await until(() => attempts > 4)
  assert.equal(most, 1)
})

test('no more than so many are on their way at once', async (t) => {
  let atOnce = 0
  let most = 0
  const { queue } = open(t, {
    atOnce: () => 3,
    async deliver() {
      most = Math.max(most, ++atOnce)
      await setImmediate()
      atOnce--
    },
  })
  for (let i = 0; i < 30; i++) queue.add(code())
  await until(() => queue.facts.delivered === 30)
  assert.equal(most, 3)
})

test('what a server refuses for now comes again, while others pass; for good, it is told once and dropped', async (t) => {
  const { queue, lines, kept } = open(t, {
    async deliver(mail) {
      if (mail.name === 'notice') throw new DeliveryFailure('refused', '550 no such user')
      if (++tries < 3) throw new DeliveryFailure('later', '451 greylisted')
    },
  })
  let tries = 0
  queue.add(notice())
  queue.add(code())
  await until(() => queue.facts.delivered === 1)
  assert.equal(tries, 3)
  await until(() => kept.size === 0)
  assert.equal(lines.filter(({ message }) => /for good/.test(message)).length, 1)
})

test('a code that has run out is not delivered any more', async (t) => {
  let isUp = false
  const sent: string[] = []
  const { queue, clock, lines } = open(t, {
    async deliver(mail) {
      if (!isUp) throw new DeliveryFailure('unreachable', 'away')
      sent.push(mail.name)
    },
  })
  queue.add(code(1))
  queue.add(notice())
  await until(() => queue.facts.trouble !== undefined)
  clock.advance(60_000)
  isUp = true
  await until(() => queue.facts.waiting === 0)
  assert.deepEqual(sent, ['notice'])
  assert.equal(lines.filter(({ message }) => /in time/.test(message)).length, 1)
})

test('a notice outlasts a crash, a code does not: nothing secret is kept', async (t) => {
  const deliver = async () => {
    throw new DeliveryFailure('unreachable', 'away')
  }
  const first = open(t, { deliver })
  first.queue.add(code())
  first.queue.add(notice('Firefox'))
  await until(() => first.queue.facts.trouble !== undefined)
  assert.ok([...first.kept.values()].every(({ content }) => !String(Buffer.from(content)).includes(CODE)))
  // As if the process had ended here: what is kept is all there is.
  const sent: Mail[] = []
  const second = open(t, { deliver: async (mail) => void sent.push(mail), store: first.store })
  await second.queue.restore()
  await until(() => second.queue.facts.waiting === 0 && first.kept.size === 0)
  assert.deepEqual(sent, [notice('Firefox')])
})

test('what was kept and can not be read, or is too old, is dropped', async (t) => {
  const { queue, store, kept, clock, lines } = open(t, { deliver: async () => assert.fail('nothing to deliver') })
  const content = Buffer.from(JSON.stringify(notice()))
  await store.add({ id: 'old', usefulUntil: clock.now(), content })
  await store.add({ id: 'torn', usefulUntil: clock.now() + 1000, content: content.subarray(5) })
  await queue.restore()
  assert.equal(kept.size, 0)
  assert.equal(lines.filter(({ level }) => level === 'warn').length, 2)
})

test('stopping delivers what can be delivered, and cuts off the rest in time', async (t) => {
  const server = await startMailServer(t, { delay: 100 })
  const good = open(t, { deliver: byMail(server.port) })
  for (let i = 0; i < 6; i++) good.queue.add(code())
  await good.queue.stop(5000)
  assert.equal(server.received.length, 6)
  const hanging = open(t, {
    deliver: async (_mail, signal) => {
      await once(signal, 'abort')
      throw new DeliveryFailure('unreachable', 'called off')
    },
  })
  hanging.queue.add(notice())
  hanging.queue.add(code())
  await hanging.queue.stop(30)
  assert.equal(hanging.kept.size, 1, 'for the next start')
  const [last] = hanging.lines.slice(-1)
  assert.deepEqual(last?.fields, { kept: 1, lost: 1 })
  hanging.queue.add(code())
  assert.equal(hanging.queue.facts.waiting, 0)
})

test('DOS the queue has an end, and says so seldom', async (t) => {
  const { queue, lines } = open(t, {
    limit: 10,
    deliver: async (_mail, signal) => {
      await once(signal, 'abort')
      throw new DeliveryFailure('unreachable', 'called off')
    },
  })
  for (let i = 0; i < 50; i++) queue.add(code())
  assert.equal(queue.facts.waiting, 10)
  assert.equal(lines.filter(({ message }) => /too many/.test(message)).length, 1)
})

test('a notifier that is another one is tried at once', async (t) => {
  let isUp = false
  const { queue } = open(t, {
    delays: [3_600_000],
    async deliver() {
      if (!isUp) throw new DeliveryFailure('unreachable', 'away')
    },
  })
  queue.add(code())
  await until(() => queue.facts.trouble !== undefined)
  isUp = true
  queue.retry()
  await until(() => queue.facts.delivered === 1)
})

test('LOG-01 nothing of a mail is in the log, also when the server repeats it', async (t) => {
  const { queue, lines } = open(t, {
    async deliver() {
      throw new DeliveryFailure(
        'refused',
        `554 rejected: Type this code ${CODE} https://auth.example.com/revoke?id=canary-id`,
      )
    },
  })
  queue.add(code())
  await until(() => queue.facts.waiting === 0)
  const text = JSON.stringify([lines, queue.facts])
  assert.ok(!text.includes(CODE) && !text.includes('canary-id'), text)
})

test('a mail that can not be made is a bug that is told, and costs the others nothing', async (t) => {
  const { queue, lines } = open(t, {
    async deliver(mail) {
      if (mail.name === 'notice') throw new TypeError('a bug')
    },
  })
  queue.add(notice())
  queue.add(code())
  await until(() => queue.facts.waiting === 0)
  assert.equal(queue.facts.delivered, 1)
  assert.match(lines.find(({ level }) => level === 'error')?.message ?? '', /bug in Latchkey/)
})
