import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextStep, type Standing } from '../../src/portal/next-step.ts'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { SECOND_FACTORS } from '../../src/portal/second-factors.ts'
import { wayBackOf } from '../../src/portal/way-back.ts'
import { DOMAIN, SETTINGS, USERS } from './lab.ts'

const alice = USERS['alice']
assert.ok(alice)
const FACTORS = { available: SECOND_FACTORS, registered: SECOND_FACTORS.slice(0, 1) }
const STANDING: Standing = { user: alice, level: 1, factors: FACTORS, justSignedIn: false }

function step(rd: string, standing: Partial<Standing> = {}, changed: Partial<PortalSettings> = {}, domain = DOMAIN) {
  const settings = { ...SETTINGS, ...changed }
  const visit = {
    settings,
    domain,
    origin: 'https://auth.example.com',
    host: 'auth.example.com',
    clientAddress: '::1',
    userAgent: '',
  }
  return nextStep(visit, { ...STANDING, ...standing }, wayBackOf(visit, { rd })).kind
}

test('RED-04 nobody is sent on before the level that the place demands', () => {
  assert.equal(step('https://app.example.com/'), 'leave')
  assert.equal(step('https://wiki.example.com/'), 'leave')
  assert.equal(step('https://vault.example.com/'), 'second-factor')
  assert.equal(step('https://vault.example.com/', { level: 2 }), 'leave')
})

test('RED-04 nobody is sent to a place that is denied to him', () => {
  for (const level of [1, 2] as const) assert.equal(step('https://deny.example.com/', { level }), 'forbidden')
})

test('who needs a second factor and has none sets one up, where that is possible', () => {
  const none = { available: SECOND_FACTORS, registered: [] }
  assert.equal(step('https://vault.example.com/', { factors: none }), 'choose-factor')
  assert.equal(step('https://vault.example.com/', { factors: { available: [], registered: [] } }), 'no-second-factor')
  const noneToSetUp = SECOND_FACTORS.map((factor) => ({ ...factor, setUpPage: undefined }))
  const atDuo = { available: noneToSetUp, registered: [] }
  assert.equal(step('https://vault.example.com/', { factors: atDuo }), 'no-second-factor')
})

test('without a target one stays at home, and only after signing in goes to the default place', () => {
  const domain = { ...DOMAIN, defaultRedirectionUrl: 'https://app.example.com/' }
  const one = { secondFactorEnabled: false }
  assert.equal(step('', {}, one, domain), 'home')
  assert.equal(step('', { justSignedIn: true }, one, domain), 'leave')
  assert.equal(step('', { justSignedIn: true }, {}, domain), 'home')
  assert.equal(step('', { justSignedIn: true, level: 2 }, {}, domain), 'leave')
  assert.equal(step('', { justSignedIn: true, level: 2 }), 'home')
})
