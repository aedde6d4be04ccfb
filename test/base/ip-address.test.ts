import assert from 'node:assert/strict'
import { isIPv4 } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { coarseNetwork, networkContains, parseIpAddress, parseNetwork } from '../../src/base/ip-address.ts'

const text = (address: string): string | undefined => parseIpAddress(address)?.text

test('equal addresses have equal text, mapped ones are IPv4', () => {
  assert.equal(text('2001:DB8:0:0::1'), '2001:db8::1')
  for (const spelling of ['::ffff:10.0.0.5', '::ffff:a00:5', '0:0:0:0:0:ffff:a00:5'])
    assert.equal(text(spelling), '10.0.0.5', spelling)
})

test('what only resembles an address is none', () => {
  for (const odd of [
    '',
    'a',
    '127.1',
    '0x7f.1',
    '010.0.0.1',
    '1.2.3.4:80',
    '[::1]',
    '::1%eth0',
    '999.1.1.1',
    '::10.0.0.5',
    '1.2.3',
    ' 1.2.3.4',
  ]) {
    assert.equal(text(odd), undefined, odd)
  }
})

test('networks: host bits are masked off, prefixes must fit, mapped networks are IPv4', () => {
  assert.equal(parseNetwork('10.1.2.3/8')?.text, '10.0.0.0/8')
  assert.equal(parseNetwork('10.1.2.3')?.text, '10.1.2.3/32')
  assert.equal(parseNetwork('fec0::1/64')?.text, 'fec0::/64')
  assert.equal(parseNetwork('::ffff:10.0.0.0/104')?.text, '10.0.0.0/8')
  for (const odd of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '::1/129', 'example.com', '10.0.0.0/8/8'])
    assert.equal(parseNetwork(odd), undefined, odd)
})

test('a network contains its first and last address, and none of the other family', () => {
  const network = parseNetwork('10.0.0.0/30')
  assert.ok(network)
  const contains = (address: string): boolean => {
    const parsed = parseIpAddress(address)
    return parsed !== undefined && networkContains(network, parsed)
  }
  assert.deepEqual(['10.0.0.0', '10.0.0.3', '10.0.0.4', '9.255.255.255', '::1', '::ffff:10.0.0.1'].map(contains), [
    true,
    true,
    false,
    false,
    false,
    true,
  ])
})

test('what is an IPv4 address is told as node:net tells it, and its number is right', () => {
  const digit = fc.constantFrom('0', '1', '2', '5', '9', '10', '25', '255', '256', '01', '', '.', 'a', ' ')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.array(digit, { minLength: 3, maxLength: 6 }).map((d) => d.join('.')),
      ),
      (address) => {
        const found = parseIpAddress(address)
        assert.equal(found !== undefined, isIPv4(address), address)
        if (found === undefined) return
        const bytes = address.split('.').map(Number)
        assert.equal(found.value, BigInt(Buffer.from(bytes).readUInt32BE()))
        assert.equal(found.text, address)
      },
    ),
  )
})

test('neighbours share a coarse network; what is no address stays as it is', () => {
  assert.equal(coarseNetwork('203.0.113.7'), '203.0.113.0/24')
  assert.equal(coarseNetwork('::ffff:203.0.113.7'), '203.0.113.0/24')
  assert.equal(coarseNetwork('2001:db8:1:2::7'), '2001:db8:1::/48')
  assert.equal(coarseNetwork('unix'), 'unix')
})
