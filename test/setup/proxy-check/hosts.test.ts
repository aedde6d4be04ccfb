import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Findings } from '../../../src/setup/proxy-check/finding.ts'
import { checkHosts } from '../../../src/setup/proxy-check/hosts.ts'

const HOSTS = { portals: ['auth.example.com'], applications: ['wiki.example.com', 'example.com'] }
function said(...texts: readonly string[]): readonly string[] {
  const findings = new Findings()
  checkHosts(
    texts.map((text, i) => ({ path: `file${i}`, text })),
    HOSTS,
    findings,
  )
  for (const { code, severity } of findings.sorted([])) assert.deepEqual([code, severity], ['host-missing', 'advice'])
  return findings.sorted([]).map(({ what }) => what)
}

test('hosts that no file names are told, the portal apart', () => {
  assert.deepEqual(said('server_name other.org;'), [
    'None of the files names auth.example.com, where people sign in.',
    'None of the files names wiki.example.com, example.com, which rules are about.',
  ])
  assert.deepEqual(said('server_name AUTH.example.com;', 'Host(`wiki.example.com`) || Host(`example.com`)'), [])
})

test('a wildcard or a pattern names those below it', () => {
  for (const text of [
    '*.example.com',
    '.example.com',
    '~^[^.]+\\.example\\.com$',
    'HostRegexp(`^.+\\.example\\.com$`)',
  ])
    assert.deepEqual(said(`${text} example.com`), [], text)
  assert.deepEqual(said('auth.example.com, www.example.com, example.com'), [
    'None of the files names wiki.example.com, which rules are about.',
  ])
})
