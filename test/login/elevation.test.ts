// What it takes to change an account: the whole table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isElevated, isFresh, type MissingProof, missingProofOf, type Standing } from '../../src/login/elevation.ts'

const switches = [false, true]
const standings: Standing[] = ([0, 1, 2] as const).flatMap((level) =>
  switches.flatMap((hasPortalCookie) =>
    switches.flatMap((hasSecondFactor) =>
      switches.flatMap((hasFreshPassword) =>
        switches.flatMap((isElevated) =>
          switches.flatMap((canMail) =>
            switches.map((skipSecondFactor) => ({
              level,
              hasPortalCookie,
              hasSecondFactor,
              hasFreshPassword,
              isElevated,
              canMail,
              skipSecondFactor,
            })),
          ),
        ),
      ),
    ),
  ),
)

test('MFA-01 whoever owns a second factor changes nothing without it, whatever else was proven', () => {
  for (const standing of standings) {
    if (!standing.hasSecondFactor || standing.level >= 2) continue
    assert.notEqual(missingProofOf(standing), undefined, JSON.stringify(standing))
  }
})

test('nobody changes anything without the portal’s own cookie, or without a fresh proof', () => {
  for (const standing of standings) {
    const isProven = missingProofOf(standing) === undefined
    if (!standing.hasPortalCookie || standing.level === 0) assert.equal(missingProofOf(standing), 'first_factor')
    if (!standing.hasFreshPassword && !standing.isElevated) assert.equal(isProven, false, JSON.stringify(standing))
  }
})

test('where no mail can be sent it takes what it took before there were codes by mail, and an elevation of before counts no more', () => {
  for (const standing of standings.filter(({ canMail }) => !canMail)) {
    const before: MissingProof | undefined =
      standing.level < 1 || !standing.hasPortalCookie
        ? 'first_factor'
        : standing.level < 2 && standing.hasSecondFactor
          ? 'second_factor'
          : standing.hasFreshPassword
            ? undefined
            : 'elevation'
    assert.equal(missingProofOf(standing), before, JSON.stringify(standing))
  }
})

test('where mail can be sent a password stands in for the code only at level 2, and only where that is configured', () => {
  for (const standing of standings) {
    if (!standing.canMail || standing.isElevated || missingProofOf(standing) !== undefined) continue
    assert.deepEqual(
      [standing.level, standing.skipSecondFactor, standing.hasFreshPassword],
      [2, true, true],
      JSON.stringify(standing),
    )
  }
})

test('an elevation ends with its time, and does not move to another address', () => {
  const elevation = { until: 1000, from: '203.0.113.7' }
  assert.equal(isElevated(elevation, '203.0.113.7', 999), true)
  assert.equal(isElevated(elevation, '203.0.113.7', 1000), false)
  assert.equal(isElevated(elevation, '203.0.113.8', 999), false)
  assert.equal(isElevated(undefined, '203.0.113.7', 0), false)
})

test('a password is fresh for five minutes, and one from the future is not', () => {
  assert.equal(isFresh(1000, 1000), true)
  assert.equal(isFresh(1000, 300_999), true)
  assert.equal(isFresh(1000, 301_000), false)
  assert.equal(isFresh(1000, 999), false)
})
