import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issueLeaf, makeAuthority, makeSelfSigned } from '../../src/certs/authority.ts'
import { certificateExpiry, certificatesIn, expiryWarning } from '../../src/certs/expiry.ts'

const DAY = 86_400_000
const made = Date.UTC(2026, 0, 1)
const at = (pem: string | Uint8Array, day: number) => certificateExpiry(pem, made + day * DAY)

test('a certificate of a year warns in its last 30 days and urges in its last week; one of six days in its last quarter', async () => {
  const year = (await makeSelfSigned({ dns: ['a.example'] }, { now: made, days: 365 })).certificate
  assert.deepEqual(
    [-1, 0, 334, 336, 364, 366].map((day) => at(year, day)?.kind),
    ['not-begun', 'valid', 'valid', 'ends-soon', 'ends-soon', 'ended'],
  )
  assert.equal(at(year, 345)?.days, 20)
  assert.deepEqual(
    [-1, 0, 357, 359, 366].map((day) => at(year, day)?.isUrgent),
    [true, false, false, true, true],
  )
  const short = (await makeSelfSigned({ dns: ['a.example'] }, { now: made, days: 6 })).certificate
  assert.deepEqual(
    [4, 5].map((day) => at(short, day)?.kind),
    ['valid', 'ends-soon'],
  )
})

test('of a chain the certificate counts that ends first', async () => {
  const authority = await makeAuthority('CA', [], { now: made, days: 30 })
  const leaf = await issueLeaf(authority, { dns: ['a.example'] }, { now: made, days: 300 })
  assert.equal(at(leaf.certificate + authority.certificate, 31)?.kind, 'ended')
  assert.equal(at(leaf.certificate, 31)?.kind, 'valid')
})

test('the warning names the day and what to do; all well is no warning', async () => {
  const { certificate } = await makeSelfSigned({ dns: ['a.example'] }, { now: made, days: 100 })
  const warning = (day: number): string | undefined => {
    const expiry = at(certificate, day)
    return expiry && expiryWarning(expiry)
  }
  assert.equal(warning(50), undefined)
  assert.equal(warning(98.5), 'the certificate ends on 2026-04-11, in one day: renew it')
  assert.match(warning(90) ?? '', /in 10 days: renew it/)
  assert.match(warning(101) ?? '', /ended on 2026-04-11: browsers refuse it/)
  assert.match(warning(-1) ?? '', /from 2025-12-31 on only/)
})

test('DER is read too; what is no certificate is no reason to throw', async () => {
  const { certificate } = await makeSelfSigned({ dns: ['a.example'] }, { now: made, days: 100 })
  const [read] = certificatesIn(certificate)
  assert.equal(at(read?.raw ?? '', 1)?.kind, 'valid')
  for (const text of ['', 'nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
    assert.equal(certificateExpiry(text, made), undefined)
  }
})
