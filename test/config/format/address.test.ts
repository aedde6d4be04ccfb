import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Address, type AddressKind, parseAddress } from '../../../src/config/format/address.ts'

const parts = (text: string, kind: AddressKind): Partial<Address> | string => {
  const parsed = parseAddress(text, kind)
  if (typeof parsed === 'string') return parsed
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined && value !== ''))
}

test('host, port and sub-path are taken apart', () => {
  assert.deepEqual(parts('tcp://127.0.0.1:9091/auth', 'listen'), {
    scheme: 'tcp',
    host: '127.0.0.1',
    port: 9091,
    path: '/auth',
  })
  assert.deepEqual(parts('TCP6://[::1]:80/', 'listen'), { scheme: 'tcp6', host: '::1', port: 80 })
  assert.deepEqual(parts(':9091', 'listen'), { scheme: 'tcp', port: 9091 })
})

test('without a scheme a slash begins a socket and everything else a host', () => {
  assert.deepEqual(parts('/run/a.sock', 'listen'), { scheme: 'unix', socket: '/run/a.sock' })
  assert.deepEqual(parts('/run/ldapi', 'ldap'), { scheme: 'ldapi', socket: '/run/ldapi' })
  assert.deepEqual(parts('9091', 'listen'), { scheme: 'tcp', host: '9091' })
  assert.deepEqual(parts('mail:25', 'smtp'), { scheme: 'smtp', host: 'mail', port: 25 })
  assert.deepEqual(parts('time.example.com', 'udp'), { scheme: 'udp', host: 'time.example.com' })
})

test('a socket takes umask and path, a descriptor its path', () => {
  assert.deepEqual(parts('unix:///run/a.sock?umask=0022&path=auth', 'listen'), {
    scheme: 'unix',
    socket: '/run/a.sock',
    umask: 0o22,
    path: '/auth',
  })
  assert.deepEqual(parts('fd://3?path=auth', 'listen'), { scheme: 'fd', fd: 3, path: '/auth' })
})

const REFUSED: readonly (readonly [string, AddressKind, RegExp])[] = [
  ['https://:9091', 'listen', /scheme must be tcp, .*not 'https'/],
  ['unix://run/a.sock', 'listen', /absolute/],
  ['unix://', 'listen', /path of the socket is missing/],
  ['unix:', 'listen', /three slashes/],
  ['unix:/run/a.sock', 'listen', /three slashes/],
  ['unix:///run/a.sock?path=a/b', 'listen', /one segment/],
  ['localhost:', 'listen', /port is missing/],
  ['unix:///a?umask=9', 'listen', /octal/],
  ['fd://x', 'listen', /number/],
  ['tcp://:70000', 'listen', /port/],
  ['tcp://:abc', 'listen', /port/],
  ['tcp://u:p@:9091', 'listen', /user/],
  ['tcp://:9091?a=1', 'listen', /query/],
  ['tcp://:9091#a', 'listen', /fragment/],
  ['tcp://::1:9091', 'listen', /brackets/],
  [' tcp://:9091', 'listen', /host holds/],
  ['tcp://:9091/a/b', 'listen', /one segment/],
  ['tcp://:9091/a/', 'listen', /one segment/],
  ['unix:///x', 'smtp', /scheme/],
]
for (const [text, kind, why] of REFUSED) {
  test(`${JSON.stringify(text)} is no ${kind} address`, () => {
    assert.match(String(parts(text, kind)), why)
  })
}
