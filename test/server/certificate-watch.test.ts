import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import { watchCertificate } from '../../src/server/certificate-watch.ts'
import type { TlsMaterial } from '../../src/server/tls.ts'
import { memoryLog } from '../login/fixture.ts'

const DAY = 86_400_000
const made = Date.parse('2026-01-01T00:00:00Z')
const materialOf = async (now: number, days: number): Promise<TlsMaterial> => {
  const pem = await makeSelfSigned({ dns: ['a.example'] }, { now, days })
  return { cert: pem.certificate, key: pem.privateKey }
}

test('an operator is told once a day that the certificate ends: a warning within 30 days, an error within 7', async () => {
  const clock = manualClock(made)
  const log = memoryLog()
  let tls = await materialOf(made, 200)
  const watch = watchCertificate({ clock, log, served: () => tls, ownTls: () => undefined, serve: () => assert.fail() })
  const levels: string[] = []
  for (let hour = 0; hour < 24 * 202; hour++) {
    clock.advance(DAY / 24)
    const before = log.lines.length
    await watch.look()
    levels.push(...log.lines.slice(before).map(({ level }) => level))
  }
  assert.equal(levels.filter((level) => level === 'warn').length, 23, 'from the 30th day to the 8th')
  assert.ok(levels.filter((level) => level === 'error').length >= 8, 'and then as an error, also when it has ended')
  assert.ok(levels.length < 35, `${levels.length} lines`)
  assert.match(log.lines.at(-1)?.message ?? '', /^TLS: the certificate ended on 2026-07-/)

  tls = await materialOf(clock.now(), 5)
  const before = log.lines.length
  await watch.look()
  assert.equal(log.lines.length, before, 'a new one with days to go is looked at at once, and is fine')
})

test('our own is made anew and served while the server runs; where that fails the old one stays and it is said', async () => {
  const clock = manualClock(made)
  const log = memoryLog()
  let tls = await materialOf(made, 40)
  const next = await materialOf(made, 398)
  let broken = true
  const served: TlsMaterial[] = []
  const watch = watchCertificate({
    clock,
    log,
    served: () => tls,
    ownTls: async () => {
      if (broken) throw new Error('read-only')
      return next
    },
    serve(material) {
      served.push(material)
      tls = material
    },
  })
  clock.advance(DAY - 1)
  await watch.look()
  assert.equal(log.lines.length, 0)
  clock.advance(1)
  await watch.look()
  assert.match(log.lines[0]?.message ?? '', /could not be made anew/)
  assert.deepEqual(served, [])
  broken = false
  clock.advance(DAY)
  await watch.look()
  await watch.look()
  assert.deepEqual(served, [next])
  assert.match(log.lines.at(-1)?.message ?? '', /a new one is served/)
})

test('without TLS there is nothing to look at', async () => {
  const clock = manualClock(made)
  const watch = watchCertificate({
    clock,
    log: memoryLog(),
    served: () => undefined,
    ownTls: () => assert.fail(),
    serve: () => assert.fail(),
  })
  clock.advance(DAY)
  await watch.look()
})
