import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNetwork } from '../../src/base/ip-address.ts'
import { parseForwardedAddress, TrustedPeers } from '../../src/forwarded/trusted-peers.ts'

const peers = (...networks: string[]) =>
  new TrustedPeers(networks.map((text) => parseNetwork(text)).filter((one) => one !== undefined))
const socket = (remoteAddress: string | undefined, localPort: number | undefined = 9091, destroyed = false) =>
  ({ remoteAddress, localPort, destroyed }) as Parameters<TrustedPeers['peerOf']>[0]

test('HDR-02 as long as nobody said who may ask, loopback and private peers may', () => {
  const usual = new TrustedPeers(undefined)
  const may = [
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '::1',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
  ]
  const mayNot = [
    '8.8.8.8',
    '172.32.0.1',
    '192.169.0.1',
    '100.64.0.1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '0.0.0.0',
    'garbage',
    '',
  ]
  for (const address of may) assert.equal(usual.peerOf(socket(address)).trusted, true, address)
  for (const address of mayNot) assert.equal(usual.peerOf(socket(address)).trusted, false, address)
})

test('HDR-02 configured networks are the only ones that may ask', () => {
  const configured = peers('172.18.0.0/24', '2001:db8::/32')
  assert.equal(configured.peerOf(socket('172.18.0.2')).trusted, true)
  assert.equal(configured.peerOf(socket('::ffff:172.18.0.2')).trusted, true)
  assert.equal(configured.peerOf(socket('2001:db8::9')).trusted, true)
  for (const address of ['127.0.0.1', '10.0.0.1', '172.18.1.2', '::1'])
    assert.equal(configured.peerOf(socket(address)).trusted, false)
  assert.equal(peers().peerOf(socket('127.0.0.1')).trusted, false)
})

test('a peer on a unix socket may ask, a TCP peer that is gone may not', () => {
  for (const some of [new TrustedPeers(undefined), peers('10.0.0.0/8')]) {
    assert.equal(
      some.peerOf({ remoteAddress: undefined, localPort: undefined, destroyed: false } as never).trusted,
      true,
    )
    assert.equal(some.peerOf(socket(undefined, 9091)).trusted, false)
    assert.equal(
      some.peerOf({ remoteAddress: undefined, localPort: undefined, destroyed: true } as never).trusted,
      false,
    )
  }
})

const client = (some: TrustedPeers, list: string | undefined) =>
  some.clientOf(some.peerOf(socket('172.18.0.2')), list)?.text

test('HDR-13 the list is walked from the right past trusted peers', () => {
  const some = peers('172.18.0.0/24', '10.9.0.0/16')
  const expected: Record<string, string | undefined> = {
    '6.6.6.6, 1.2.3.4': '1.2.3.4',
    '6.6.6.6, 10.9.9.9': '6.6.6.6',
    '6.6.6.6,10.9.9.9,172.18.0.7': '6.6.6.6',
    '1.2.3.4:5555': '1.2.3.4',
    '"[2001:db8::1]:443"': '2001:db8::1',
    '[2001:DB8:0:0::1]': '2001:db8::1',
    '::ffff:1.2.3.4': '1.2.3.4',
    unknown: undefined,
    'garbage, 1.2.3.4': '1.2.3.4',
    'garbage, 10.9.9.9': undefined,
    '1.2.3.4, ': undefined,
    // all of them trusted: the last entry
    '10.9.0.1, 10.9.0.2': '10.9.0.2',
  }
  for (const [list, text] of Object.entries(expected)) {
    assert.equal(client(some, list), text, list)
    assert.equal(client(some, list), text, `${list}, asked again`)
  }
  assert.equal(client(some, `1.2.3.4${', 10.9.0.1'.repeat(31)}`), '1.2.3.4')
  assert.equal(client(some, `1.2.3.4${', 10.9.0.1'.repeat(5000)}`), undefined)
  assert.equal(client(some, undefined), '172.18.0.2')
  assert.equal(client(some, ''), '172.18.0.2')
})

test('HDR-13 as long as no proxies are configured, the last entry counts', () => {
  const usual = new TrustedPeers(undefined)
  assert.equal(client(usual, '6.6.6.6, 10.9.9.9'), '10.9.9.9')
  assert.equal(client(usual, '10.0.0.5, 203.0.113.9'), '203.0.113.9')
})

test('HDR-14 HDR-16 an entry is an address in its one strict form, and equal addresses are equal', () => {
  for (const entry of [
    '',
    ' ',
    'a',
    '999.1.1.1',
    '127.1',
    '0x7f.1',
    '010.0.0.1',
    '::1%eth0',
    '[::1',
    '::1]:1',
    '"1.2.3.4',
    '1.2.3.4:',
    '1.2.3.4:x',
    '1.2.3.4 5',
    '_hidden',
    'x'.repeat(4096),
  ])
    assert.equal(parseForwardedAddress(entry), undefined, entry)
  const same = [
    '10.0.0.5',
    ' 10.0.0.5\t',
    '10.0.0.5:80',
    '"10.0.0.5"',
    '::ffff:10.0.0.5',
    '::ffff:a00:5',
    '0:0:0:0:0:ffff:a00:5',
    '[::ffff:10.0.0.5]:1',
  ]
  for (const entry of same) assert.deepEqual(parseForwardedAddress(entry), parseForwardedAddress('10.0.0.5'), entry)
})

test('what is remembered stays bounded and right', () => {
  const usual = new TrustedPeers(undefined)
  for (let i = 0; i < 10_000; i++) assert.equal(client(usual, `10.1.${i >> 8}.${i & 255}`), `10.1.${i >> 8}.${i & 255}`)
})
