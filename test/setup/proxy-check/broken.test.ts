// Files in the middle of being edited: a line missing, a line twice, cut off anywhere, not the proxy's at all. Never a bug, and quickly answered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../../src/base/fault.ts'
import { EXAMPLE_SITE } from '../../../src/setup/example-site.ts'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import type { Source } from '../../../src/setup/proxy-check/source.ts'
import { PROXY_NAMES, type ProxyName } from '../../../src/setup/proxy-name.ts'
import { proxySetup } from '../../../src/setup/proxy-setup.ts'

function survives(proxy: ProxyName, sources: readonly Source[], why: string): void {
  try {
    checkSources(proxy, sources)
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === 'proxy-file', `${why}: ${(error as Error).stack}`)
    assert.match(error.message, /^\S+(?::\d+)?: |^\S+ is [^,]+, which is not checked: /)
  }
}

for (const proxy of PROXY_NAMES) {
  test(`${proxy}: whatever line is missing, twice or cut, there is an answer`, () => {
    const files = proxySetup(proxy, EXAMPLE_SITE)
    for (const [at, file] of files.entries()) {
      const lines = file.text.split('\n')
      for (const [i, line] of lines.entries()) {
        const variants = [
          lines.toSpliced(i, 1),
          lines.toSpliced(i, 0, line),
          lines.slice(0, i),
          lines.toSpliced(i, 1, line.slice(0, line.length / 2)),
        ]
        for (const [kind, variant] of variants.entries())
          survives(
            proxy,
            files.with(at, { ...file, text: variant.join('\n') }),
            `${file.path}:${i + 1} variant ${kind}`,
          )
      }
    }
  })

  test(`${proxy}: files of other proxies and nonsense have an answer`, () => {
    const others = PROXY_NAMES.flatMap((other) => proxySetup(other, EXAMPLE_SITE))
    const nonsense = [
      '{',
      '}',
      '"',
      "'",
      '#',
      '\\',
      ';',
      '\n\n',
      'a: [',
      '- - -',
      '%&/()',
      '<VirtualHost',
      'include *;',
      'import ../*',
      '\u0000',
    ]
    for (const text of [...others.map((file) => file.text), ...nonsense])
      survives(proxy, [{ path: 'x', text }], text.slice(0, 40))
  })

  test(`${proxy}: a long and hostile file takes no long time`, () => {
    const started = process.cpuUsage()
    for (const piece of [
      '"\\',
      "'\\",
      '\\"',
      '{',
      '(',
      '$',
      '#"',
      '<!--',
      'a ',
      'api ',
      '[[',
      '--[[',
      '/*',
      '%[',
      ': ',
    ])
      survives(proxy, [{ path: 'x', text: piece.repeat(20_000) }], piece)
    const { user } = process.cpuUsage(started)
    assert.ok(user < 10_000_000, `${user / 1e6} s`)
  })
}
