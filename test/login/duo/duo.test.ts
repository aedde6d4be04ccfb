import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duoLab, visitor } from './duo-lab.ts'
import { phone } from './fake-duo.ts'

const alice = visitor()

test('the only device is asked and remembered; approved, it counts once and in the session that asked', async (t) => {
  const { duo, fake, storage, events } = await duoLab(t)
  fake.enrolled('alice', phone('D1'), phone('D2', 'sms'))
  assert.deepEqual(await duo.push(alice), { kind: 'sent' })
  assert.deepEqual(await storage.duo.find('alice'), { device: 'D1', method: 'push' })
  assert.deepEqual(duo.progress(alice), { kind: 'waiting' })
  assert.deepEqual(await duo.take(alice), { kind: 'waiting' })

  const elsewhere = visitor('alice', { session: 'another session of alice' })
  fake.decide('allow', 'allow')
  await duo.answered(alice)
  assert.deepEqual(await duo.take(elsewhere), { kind: 'none' }, 'another session has not asked')
  assert.deepEqual(await duo.take(visitor('bob', { session: alice.session })), { kind: 'none' })
  const takers = await Promise.all(Array.from({ length: 50 }, () => duo.take(alice)))
  assert.deepEqual(
    takers.filter(({ kind }) => kind === 'accepted'),
    [{ kind: 'accepted' }],
  )
  assert.deepEqual(events, [
    {
      kind: 'second-factor',
      username: 'alice',
      from: '203.0.113.7',
      subject: 'duo',
      userAgent: 'a browser',
      reason: undefined,
      session: alice.session,
    },
  ])
  assert.deepEqual(
    (await storage.attempts.list({}, 10)).map(({ kind, successful, username }) => ({ kind, successful, username })),
    [{ kind: 'Duo', successful: true, username: 'alice' }],
  )
  const push = fake.asked.find(({ params }) => params['factor'] === 'push')
  assert.equal(
    push?.params['pushinfo'],
    'target%20url=https%3A%2F%2Fvault.example.com%2Fsecrets',
    'no query goes to Duo',
  )
  assert.deepEqual(fake.refused, [])
})

test('what a push comes to is told as it is, and none of it lets anybody in', async (t) => {
  const { duo, fake, storage, clock, events } = await duoLab(t)
  fake.enrolled('alice', phone('D1'))
  for (const [status, reason] of [
    ['deny', 'push-denied'],
    ['timeout', 'push-unanswered'],
    ['locked_out', 'duo-locked'],
    ['push_failed', 'push-not-sent'],
    ['something new', 'push-denied'],
    ['fraud', 'push-fraud'],
  ] as const) {
    fake.decisions.push(['deny', status])
    assert.deepEqual(await duo.push(alice), { kind: 'sent' }, status)
    await duo.answered(alice)
    assert.deepEqual(await duo.take(alice), { kind: 'refused', reason })
    assert.deepEqual(await duo.take(alice), { kind: 'none' })
    assert.equal(events.at(-1)?.reason, reason)
    await storage.duo.clearTries('alice', 'push')
    clock.advance(1000)
  }
  assert.ok((await storage.attempts.list({}, 10)).every(({ successful }) => !successful))
})

test('of several devices one is chosen, and only among those that Duo knows', async (t) => {
  const { duo, fake, storage } = await duoLab(t)
  fake.enrolled('alice', phone('D1'), phone('D2'), phone('D3', 'phone'))
  const started = await duo.push(alice)
  assert.ok(started.kind === 'choose')
  assert.deepEqual(
    started.devices.map(({ device }) => device),
    ['D1', 'D2'],
  )
  assert.deepEqual(await duo.choose(alice, 'D3'), { kind: 'unknown' }, 'takes no pushes')
  assert.deepEqual(await duo.choose(alice, 'DX'), { kind: 'unknown' })
  assert.equal(await storage.duo.find('alice'), undefined)
  assert.deepEqual(await duo.choose(alice, 'D2'), { kind: 'chosen' })
  assert.deepEqual(await duo.push(alice), { kind: 'sent' })
  assert.equal(fake.asked.at(-1)?.params['device'] ?? fake.asked.at(-2)?.params['device'], 'D2')
  fake.decide('deny', 'deny')
})

test('a device that is gone is chosen anew; with none left there is nothing to ask, and the choice is forgotten', async (t) => {
  const { duo, fake, storage } = await duoLab(t)
  await storage.duo.save('alice', { device: 'OLD', method: 'push' })
  fake.enrolled('alice', phone('D1'), phone('D2'))
  assert.equal((await duo.push(alice)).kind, 'choose')
  fake.enrolled('alice', phone('D1'))
  fake.decisions.push(['allow', 'allow'])
  assert.equal((await duo.push(alice)).kind, 'sent')
  assert.deepEqual(await storage.duo.find('alice'), { device: 'D1', method: 'push' })
  await duo.answered(alice)
  await duo.take(alice)
  fake.enrolled('alice', phone('D1', 'sms'))
  assert.deepEqual(await duo.push(alice), { kind: 'enroll', url: undefined })
  assert.ok(await storage.duo.find('alice'), 'he still has what passcodes come from')
  fake.enrolled('alice', phone('D1', 'phone'))
  assert.deepEqual(await duo.push(alice), { kind: 'enroll', url: undefined })
  assert.equal(await storage.duo.find('alice'), undefined)
})

test("Duo's bypass is enough for somebody without another second factor only", async (t) => {
  const { duo, fake, events, log, storage } = await duoLab(t)
  const armed = visitor('alice', { hasOtherFactor: true })
  fake.users.set('alice', { result: 'allow', status_msg: 'Account is active' })
  assert.deepEqual(await duo.push(alice), { kind: 'accepted' })
  assert.match(log.lines.at(-1)?.message ?? '', /without a second factor/)
  assert.deepEqual(await duo.offer(alice), { kind: 'bypass' })
  assert.deepEqual(await duo.choose(alice, 'D1'), { kind: 'bypass' })
  const refused = { kind: 'refused', reason: 'bypass-not-enough' }
  assert.deepEqual(await duo.push(armed), refused)
  assert.deepEqual(await duo.passcode(armed, '123456'), refused)
  assert.equal(events.at(-1)?.reason, 'bypass-not-enough')

  // Duo may say it as late as the answer to the push or passcode.
  fake.enrolled('alice', phone('D1'))
  fake.decisions.push(['allow', 'bypass'])
  assert.deepEqual(await duo.push(armed), { kind: 'sent' })
  await duo.answered(armed)
  assert.equal((await duo.take(armed)).kind, 'refused')
  await storage.duo.clearTries('alice', 'push')
  fake.decisions.push(['allow', 'bypass'])
  await duo.push(alice)
  await duo.answered(alice)
  assert.deepEqual(await duo.take(alice), { kind: 'accepted' })
  fake.instead.set(
    '/auth/v2/auth',
    (_request, response) => void response.end('{"stat":"OK","response":{"result":"allow","status":"bypass"}}'),
  )
  assert.deepEqual(await duo.passcode(alice, '000000'), refused, 'any passcode would do')
})

test('who is not known to Duo may enrol there only where it is switched on, and never past another factor', async (t) => {
  const url = (hostname: string) => `https://${hostname}/portal?code=48bac5d9393fb2c2`
  const off = await duoLab(t)
  assert.deepEqual(await off.duo.push(alice), { kind: 'enroll', url: undefined })
  const on = await duoLab(t, { selfEnrolment: true })
  assert.deepEqual(await on.duo.push(alice), { kind: 'enroll', url: url(on.fake.hostname) })
  const armed = visitor('alice', { hasOtherFactor: true })
  assert.deepEqual(await on.duo.push(armed), { kind: 'enroll', url: undefined })
  assert.deepEqual(await on.duo.offer({ ...armed, level: 2 }), { kind: 'enroll', url: url(on.fake.hostname) })
})

test("Duo's refusal is one here", async (t) => {
  const { duo, fake } = await duoLab(t)
  fake.users.set('alice', { result: 'deny', status_msg: 'Your account is disabled' })
  const refused = { kind: 'refused', reason: 'duo-denied' }
  assert.deepEqual(await duo.push(alice), refused)
  assert.deepEqual(await duo.offer(alice), refused)
  assert.deepEqual(await duo.choose(alice, 'D1'), refused)
  assert.deepEqual(await duo.passcode(alice, '123456'), refused)
})

test('MFA-05 push fatigue: one push at a time, three for nothing, then ever fewer, across sessions and a restart', async (t) => {
  const { duo, open, fake, storage, clock } = await duoLab(t)
  fake.enrolled('alice', phone('D1'))
  const pushes = () => fake.asked.filter(({ params }) => params['factor'] === 'push').length
  const crowd = await Promise.all(
    Array.from({ length: 200 }, (_, i) => duo.push(visitor('alice', { session: `s${i}` }))),
  )
  assert.equal(pushes(), 1, 'in a race of 200')
  assert.equal(crowd.filter(({ kind }) => kind === 'sent').length, 1)
  const again = await Promise.all(Array.from({ length: 20 }, () => duo.push(visitor('alice', { session: 's0' }))))
  assert.ok(again.every(({ kind }) => kind === 'sent'))
  assert.equal(pushes(), 1, 'the session that asked is shown the one that is out')

  const restarted = open()
  assert.equal((await restarted.push(alice)).kind, 'throttled', 'another instance knows that one is out')
  fake.decide('deny', 'deny')
  await duo.answered(visitor('alice', { session: 's0' }))
  for (let i = 0; i < 2; i++) {
    fake.decisions.push(['deny', 'timeout'])
    assert.equal((await restarted.push(alice)).kind, 'sent')
    await restarted.answered(alice)
  }
  assert.deepEqual(await restarted.push(alice), { kind: 'throttled', retryAfterSeconds: 60 })
  let sent = 0
  const until = clock.now() + 86_400_000
  while (clock.now() < until) {
    fake.decisions.splice(0, Number.POSITIVE_INFINITY, ['deny', 'timeout'])
    const session = `day ${clock.now()}`
    if ((await restarted.push(visitor('alice', { session }))).kind === 'sent') {
      await restarted.answered(visitor('alice', { session }))
      sent++
    }
    clock.advance(60_000)
  }
  assert.ok(sent <= 14, `${sent} in a day`)
  clock.advance(4 * 3_600_000)
  fake.decisions.splice(0, Number.POSITIVE_INFINITY, ['allow', 'allow'])
  assert.equal((await restarted.push(alice)).kind, 'sent')
  await restarted.answered(alice)
  assert.deepEqual(
    await storage.duo.tries('alice', 'push'),
    { tries: 0, lastAt: 0, openUntil: 0 },
    'approved: forgotten',
  )
  restarted.close()
})

test('a reported fraud uses up all free pushes at once', async (t) => {
  const { duo, fake, log } = await duoLab(t)
  fake.enrolled('alice', phone('D1'))
  fake.decisions.push(['deny', 'fraud'])
  let told = 0
  await duo.push(visitor('alice', { onFraud: () => told++ }))
  await duo.answered(alice)
  assert.equal(told, 1)
  const next = await duo.push(alice)
  assert.ok(next.kind === 'throttled' && next.retryAfterSeconds >= 8 * 60, JSON.stringify(next))
  assert.ok(log.lines.some(({ message }) => /reported as a fraud/.test(message)))
})

test('an answer is taken up within two minutes or not at all', async (t) => {
  const { duo, fake, clock } = await duoLab(t)
  fake.enrolled('alice', phone('D1'))
  fake.decisions.push(['allow', 'allow'])
  await duo.push(alice)
  await duo.answered(alice)
  clock.advance(120_000)
  assert.deepEqual(await duo.take(alice), { kind: 'none' })
})

test('a push that Duo says nothing about ends by itself, and one it cannot be asked about is lost', async (t) => {
  const { duo, fake, log } = await duoLab(t, { pushLife: 300 })
  fake.enrolled('alice', phone('D1'))
  fake.enrolled('bob', phone('D2'))
  await duo.push(alice)
  await duo.answered(alice)
  assert.deepEqual(await duo.take(alice), { kind: 'refused', reason: 'push-unanswered' })
  fake.instead.set('/auth/v2/auth_status', (_request, response) => void response.writeHead(500).end())
  const bob = visitor('bob')
  await duo.push(bob)
  await duo.answered(bob)
  assert.deepEqual(await duo.take(bob), { kind: 'refused', reason: 'unavailable' })
  assert.ok(log.lines.some(({ message }) => /could not be asked what came of a push/.test(message)))
})

test('a Duo that is down, or that has no keys, closes its factor', async (t) => {
  const { duo, fake, config, log } = await duoLab(t)
  for (const path of ['/auth/v2/preauth', '/auth/v2/auth'])
    fake.instead.set(path, (_request, response) => void response.writeHead(503).end('down'))
  const unavailable = { kind: 'unavailable' }
  assert.deepEqual(await duo.push(alice), unavailable)
  assert.deepEqual(await duo.offer(alice), unavailable)
  assert.deepEqual(await duo.passcode(alice, '123456'), { kind: 'refused', reason: 'unavailable' })
  fake.instead.delete('/auth/v2/preauth')
  fake.enrolled('alice', phone('D1'))
  assert.deepEqual(await duo.push(alice), unavailable)
  assert.deepEqual(await duo.passcode(alice, '123456'), { kind: 'refused', reason: 'unavailable' })
  assert.deepEqual(duo.progress(alice), { kind: 'none' })
  fake.instead.clear()
  assert.deepEqual(await duo.push(alice), { kind: 'sent' }, 'it is tried again at once when Duo is back')
  fake.decide('deny', 'deny')
  await duo.answered(alice)
  config.duo = undefined
  assert.deepEqual(await duo.push(alice), unavailable)
  const told = JSON.stringify(log.lines)
  assert.doesNotMatch(told, /Zh5eGmUq|123456/, 'neither key nor passcode is in the log')
})

test('storage that fails lets nobody in', async (t) => {
  const { duo, fake, storage } = await duoLab(t)
  fake.enrolled('alice', phone('D1'))
  await duo.push(alice)
  storage.duo.clearTries = async () => {
    throw new Error('the disk is gone')
  }
  fake.decide('allow', 'allow')
  await duo.answered(alice)
  assert.deepEqual(await duo.take(alice), { kind: 'refused', reason: 'unavailable' })
})

test('a passcode is right once, wrong ones are counted as codes are, one after another', async (t) => {
  const { duo, fake, storage, clock, events } = await duoLab(t)
  fake.enrolled('alice', phone('D1', 'push', 'mobile_otp'))
  fake.enrolled('bob', phone('D2', 'push'))
  fake.enrolled('carol', { device: 'D3', name: '', capabilities: [], type: 'token' })
  fake.passcodes.set('alice', new Set(['123456', '7654321']))
  fake.passcodes.set('carol', new Set(['111222']))
  assert.deepEqual(await duo.passcode(alice, ' 123 456 '), { kind: 'accepted' })
  assert.deepEqual(await duo.passcode(alice, '123456'), { kind: 'refused', reason: 'wrong-code' })
  assert.equal(events.at(-1)?.reason, 'wrong-code')
  assert.deepEqual(await duo.passcode(visitor('bob'), '123456'), { kind: 'refused', reason: 'no-second-factor' })
  assert.deepEqual(await duo.passcode(visitor('carol'), '111222'), { kind: 'accepted' })
  for (const nonsense of ['', '1', '12345&factor=push', 'ä'.repeat(6), '1'.repeat(80)])
    assert.deepEqual(await duo.passcode(alice, nonsense), { kind: 'refused', reason: 'malformed' })

  await storage.duo.clearTries('alice', 'passcode')
  const guesses = await Promise.all(Array.from({ length: 60 }, (_, i) => duo.passcode(alice, String(100_000 + i))))
  assert.equal(guesses.filter(({ kind }) => kind === 'refused').length, 5, 'five are looked at, whatever the race')
  assert.deepEqual(await duo.passcode(alice, '7654321'), { kind: 'throttled', retryAfterSeconds: 60 })
  clock.advance(60_000)
  assert.deepEqual(await duo.passcode(alice, '7654321'), { kind: 'accepted' })
  assert.deepEqual((await storage.duo.tries('alice', 'passcode')).tries, 0)
})

test('what is offered is what Duo says now', async (t) => {
  const { duo, fake } = await duoLab(t)
  fake.enrolled('alice', phone('D1', 'push', 'mobile_otp'), phone('D2', 'push'))
  const offer = await duo.offer(alice)
  assert.ok(offer.kind === 'devices')
  assert.deepEqual([offer.devices.length, offer.chosen, offer.passcodes], [2, undefined, true])
  fake.enrolled('alice', phone('D1', 'phone'))
  assert.deepEqual(await duo.offer(alice), { kind: 'enroll', url: undefined })
})
