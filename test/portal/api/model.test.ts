// P8: random stories of two browsers and two users against a small model of who is signed in, how surely, and who has a device.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { codeOf, stepAt } from '../../login/fixture.ts'
import { apiFixture } from './fixture.ts'

const USERS = ['alice', 'bob'] as const
type Name = (typeof USERS)[number]
const REGISTER = '/api/secondfactor/totp/register'
const CHOICE = { algorithm: 'SHA1', length: 6, period: 30 }

type Step = { readonly browser: 0 | 1 } & (
  | { readonly do: 'sign-in'; readonly user: Name; readonly right: boolean }
  | { readonly do: 'prove-again' | 'code'; readonly right: boolean }
  | { readonly do: 'propose' | 'confirm' | 'delete' | 'sign-out' | 'forged' }
  | { readonly do: 'wait'; readonly seconds: number }
)

const browser = fc.constantFrom(0 as const, 1 as const)
const right = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })
const plain = <D extends 'propose' | 'confirm' | 'delete' | 'sign-out' | 'forged'>(name: D) =>
  fc.record({ browser, do: fc.constant(name) })
// weighted towards what leads to somebody with a device
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ browser, do: fc.constant('sign-in' as const), user: fc.constantFrom(...USERS), right }),
  },
  { weight: 1, arbitrary: fc.record({ browser, do: fc.constant('prove-again' as const), right }) },
  { weight: 4, arbitrary: fc.record({ browser, do: fc.constant('code' as const), right }) },
  { weight: 4, arbitrary: plain('propose') },
  { weight: 5, arbitrary: plain('confirm') },
  { weight: 1, arbitrary: plain('delete') },
  { weight: 1, arbitrary: plain('sign-out') },
  { weight: 1, arbitrary: plain('forged') },
  {
    weight: 3,
    arbitrary: fc.record({ browser, do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 240) }),
  },
)

interface Seat {
  user: Name | undefined
  level: number
  provenAt: number
  proposedAt: number | undefined
}
interface Device {
  lastStep: number
}

async function tell(t: TestContext, story: readonly Step[]): Promise<void> {
  const { client, clock, settings } = await apiFixture(t)
  Object.assign(settings.regulation, { maxRetries: 0 })
  const browsers = [client(), client()]
  const seats: Seat[] = [0, 1].map(() => ({ user: undefined, level: 0, provenAt: 0, proposedAt: undefined }))
  const devices = new Map<Name, Device>()
  const wrongCodes = new Map<Name, { count: number; until: number }>()

  const missing = (seat: Seat) => {
    if (seat.user === undefined) return 'first_factor'
    if (devices.has(seat.user) && seat.level < 2) return 'second_factor'
    return clock.now() - seat.provenAt < 300_000 ? undefined : 'elevation'
  }

  /** SES-09: whoever changes how he signs in is signed out elsewhere. */
  const endOthers = (changed: Seat): void => {
    for (const seat of seats) {
      if (seat === changed || seat.user !== changed.user) continue
      Object.assign(seat, { user: undefined, level: 0, provenAt: 0, proposedAt: undefined })
    }
  }

  for (const [i, now] of story.entries()) {
    const api = browsers[now.browser] as ReturnType<typeof client>
    const seat = seats[now.browser] as Seat
    const token = codeOf(stepAt(clock.now()))
    const note = `step ${i}: ${JSON.stringify(now)}`
    switch (now.do) {
      case 'wait':
        clock.advance(now.seconds * 1000)
        break
      case 'sign-in': {
        const reply = await api.signIn(now.user, now.right ? {} : { password: 'wrong' })
        assert.equal(reply.status, now.right ? 200 : 401, note)
        if (now.right) Object.assign(seat, { user: now.user, level: 1, provenAt: clock.now(), proposedAt: undefined })
        break
      }
      case 'prove-again': {
        const password = now.right ? 'password' : 'wrong'
        const reply = await api.post('/api/firstfactor/reauthenticate', { password })
        assert.equal(reply.status, seat.user === undefined ? 403 : now.right ? 200 : 401, note)
        if (reply.status === 200) seat.provenAt = clock.now()
        break
      }
      case 'code': {
        const reply = await api.post('/api/secondfactor/totp', { token: now.right ? token : '000000' })
        const device = seat.user && devices.get(seat.user)
        const wrong = (seat.user && wrongCodes.get(seat.user)) ?? { count: 0, until: 0 }
        const locked = clock.now() < wrong.until
        const fits = device !== undefined && !locked && now.right && stepAt(clock.now()) > device.lastStep
        assert.equal(reply.status, fits ? 200 : locked && device ? 429 : 403, note)
        if (seat.user !== undefined && device && !locked && !now.right) {
          const count = wrong.count + 1
          wrongCodes.set(seat.user, { count, until: count < 5 ? 0 : clock.now() + 60_000 * 2 ** (count - 5) })
        }
        if (!fits || seat.user === undefined) break
        wrongCodes.delete(seat.user)
        device.lastStep = stepAt(clock.now())
        seat.level = 2
        break
      }
      case 'propose': {
        const lacks = missing(seat)
        assert.equal((await api.call('PUT', REGISTER, CHOICE)).status, lacks ? 403 : 200, note)
        if (!lacks) seat.proposedAt = clock.now()
        break
      }
      case 'confirm': {
        const fits = !missing(seat) && seat.proposedAt !== undefined && clock.now() - seat.proposedAt < 600_000
        assert.equal((await api.post(REGISTER, { token })).status, fits ? 200 : 403, note)
        if (!fits || seat.user === undefined) break
        devices.set(seat.user, { lastStep: stepAt(clock.now()) })
        seat.proposedAt = undefined
        endOthers(seat)
        break
      }
      case 'delete': {
        const fits = !missing(seat) && seat.user !== undefined && devices.has(seat.user)
        assert.equal((await api.call('DELETE', '/api/secondfactor/totp')).status, fits ? 200 : 403, note)
        if (!fits || seat.user === undefined) break
        devices.delete(seat.user)
        endOthers(seat)
        break
      }
      case 'sign-out':
        assert.equal((await api.post('/api/logout', {})).status, 200, note)
        Object.assign(seat, { user: undefined, level: 0, provenAt: 0, proposedAt: undefined })
        break
      case 'forged': {
        const evil = { origin: 'https://app.example.com' }
        for (const path of ['/api/logout', '/api/firstfactor', '/api/secondfactor/totp', REGISTER])
          assert.equal(
            (await api.post(path, { username: 'alice', password: 'password', token }, evil)).status,
            403,
            note,
          )
        break
      }
    }
    for (const [n, { user, level }] of seats.entries()) {
      const { data } = (await (browsers[n] as ReturnType<typeof client>).get('/api/state')).json
      assert.deepEqual([data.username, data.authentication_level], [user ?? '', level], `${note}, browser ${n}`)
    }
  }
}

test('P8 whatever two browsers do, the API agrees with the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (story) => {
      // stories clean up after themselves, so that a failing one can be shrunk
      const cleanups: (() => unknown)[] = []
      try {
        await tell({ after: (cleanup: () => unknown) => void cleanups.unshift(cleanup) } as TestContext, story)
      } finally {
        for (const cleanup of cleanups) await cleanup()
      }
    }),
    { numRuns: 60 },
  )
})
