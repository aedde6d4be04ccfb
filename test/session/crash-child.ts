// A server's work in small, to be killed: signs in, rises, signs out, consumes codes, and says each thing on standard output when it was answered.
import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { openSessions, sessionsPath } from '../../src/session/open-sessions.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { exchange, jar } from './exchange.ts'
import { DOMAIN, SECRET } from './sessions-fixture.ts'

const [path = '', name = ''] = process.argv.slice(2)
const storage = await openStorage({ path, encryptionKey: SECRET, clock: systemClock, exclusive: true })
const sessions = await openSessions({ path: sessionsPath(path), secret: SECRET, clock: systemClock })
const say = (word: string, what: string | number) => writeSync(1, `${word} ${what}\n`)

async function work(worker: number): Promise<never> {
  const username = `${name}-${worker}`
  const createdAt = systemClock.now()
  await storage.totp.save({
    username,
    issuer: '',
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
    secret: Buffer.alloc(20),
    createdAt,
    lastUsedAt: undefined,
  })
  for (let step = 1; ; step++) {
    const first = exchange()
    const begun = await sessions.begin(first.request, first.response, DOMAIN, { username, remember: true, from: '' })
    const cookies = jar(first.cookies())
    say('lives', cookies)
    if (await storage.totp.consumeStep(username, createdAt, step, createdAt)) {
      say('consumed', `${username} ${createdAt} ${step}`)
    }
    say('changing', cookies)
    const second = exchange(cookies)
    await sessions.renew(second.request, second.response, DOMAIN, begun, { level: 2 })
    const risen = jar(second.cookies())
    say('dead', cookies)
    say('lives', risen)
    if (step % 3 === 0) {
      say('changing', risen)
      const last = exchange(risen)
      await sessions.end(last.request, last.response, DOMAIN)
      say('dead', risen)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

await Promise.all([1, 2, 3, 4].map(work))
