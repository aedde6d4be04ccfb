// Who visits the portal: the proxy's word, or the connection's.
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { parseNetwork } from '../../src/base/ip-address.ts'
import { clientOf } from '../../src/forwarded/client-of.ts'
import { TrustedPeers } from '../../src/forwarded/trusted-peers.ts'

const network = parseNetwork('10.0.0.2/32')
const peers = new TrustedPeers(network ? [network] : [])
function visit(remoteAddress: string, lines: Record<string, string | string[]>, encrypted = false) {
  const rawHeaders = Object.entries(lines).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  )
  const socket = { remoteAddress, localPort: 9091, destroyed: false, ...(encrypted ? { encrypted } : {}) }
  const { address, ...rest } = clientOf({ rawHeaders, socket } as unknown as IncomingMessage, peers)
  return { ...rest, address: address.text }
}
const FORWARDED = {
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'auth.example.com',
  'X-Forwarded-For': '203.0.113.9',
}

test('a trusted proxy says who comes, to which host and how', () => {
  const expected = { address: '203.0.113.9', scheme: 'https', host: 'auth.example.com' }
  assert.deepEqual(visit('10.0.0.2', { Host: 'internal:9091', ...FORWARDED }), expected)
  assert.deepEqual(
    visit('10.0.0.2', { Host: 'auth.example.com', 'X-Forwarded-Proto': 'HTTPS', 'X-Forwarded-For': '203.0.113.9' }),
    expected,
  )
})

test('HDR-01 HDR-17 anybody else speaks for himself only', () => {
  assert.deepEqual(visit('203.0.113.66', { Host: 'direct.example.com:9091', ...FORWARDED }), {
    address: '203.0.113.66',
    scheme: 'http',
    host: 'direct.example.com:9091',
  })
  assert.equal(visit('203.0.113.66', { Host: 'a.example.com' }, true).scheme, 'https')
  assert.equal(visit('10.0.0.2', { Host: 'a.example.com', 'X-Forwarded-Proto': 'evil' }, true).scheme, 'http')
})

test('HDR-05 HDR-07 HDR-14 where forwarded headers contradict each other there is no host', () => {
  const contradictions: Record<string, string | string[]>[] = [
    { 'X-Forwarded-Host': ['auth.example.com', 'evil.com'] },
    { 'X-Forwarded-Proto': ['https', 'http'] },
    { Host: ['a.example.com', 'b.example.com'] },
    { X_Forwarded_Host: 'evil.com' },
    { 'X-Forwarded-Host': 'auth.example.com, evil.com' },
    { 'X-Forwarded-Host': 'evil.com/auth.example.com' },
    { 'X-Forwarded-For': 'a' },
    { 'X-Forwarded-For': '1.2.3.4,' },
  ]
  for (const lines of contradictions)
    assert.equal(visit('10.0.0.2', { Host: 'x', ...FORWARDED, ...lines }).host, '', JSON.stringify(lines))
  assert.equal(visit('203.0.113.66', { Host: ['a.example.com', 'b.example.com'] }).host, '')
  assert.equal(visit('203.0.113.66', {}).host, '')
})
