// Plants mistakes into the good files of examples/, one at a time, and says what the check finds there.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import type { FindingCode, Severity } from '../../../src/setup/proxy-check/finding.ts'
import type { Source } from '../../../src/setup/proxy-check/source.ts'
import type { ProxyName } from '../../../src/setup/proxy-name.ts'

const examples = join(import.meta.dirname, '..', '..', '..', 'examples')

export function exampleSources(proxy: ProxyName, files: readonly string[]): readonly Source[] {
  return files.map((path) => ({ path, text: readFileSync(join(examples, proxy, path), 'utf8') }))
}

export interface Planted {
  /** The mistake, in the words of a person. */
  readonly name: string
  readonly file: string
  /** Text that is there; all of its places are changed. */
  readonly from: string | RegExp
  readonly to: string
  readonly finds: FindingCode
  readonly severity?: Severity
  /** Text of the line that the finding points at, as it is after planting; the file itself when that is elsewhere. */
  readonly at?: string
}

/** The example is silent; each mistake planted into it is found, at a line that exists, and only what it causes is said. */
export function plantingTests(proxy: ProxyName, files: readonly string[], planted: readonly Planted[]): void {
  test(`${proxy}: the example itself has no finding`, () => {
    assert.deepEqual(checkSources(proxy, exampleSources(proxy, files)).findings, [])
  })
  for (const { name, file, from, to, finds, severity = 'mistake', at } of planted) {
    test(`${proxy}: ${name}`, () => {
      const sources = exampleSources(proxy, files).map((source) => {
        if (source.path !== file) return source
        const text = typeof from === 'string' ? source.text.replaceAll(from, to) : source.text.replace(from, to)
        assert.notEqual(text, source.text, 'nothing was planted')
        return { ...source, text }
      })
      const { findings } = checkSources(proxy, sources)
      const found = findings.find(({ code }) => code === finds)
      assert.ok(found, `not found; said: ${JSON.stringify(findings.map(({ code, what }) => [code, what]))}`)
      assert.equal(found.severity, severity)
      assert.ok(
        findings.length <= 3,
        `too much is said: ${JSON.stringify(findings.map(({ code, what }) => [code, what]))}`,
      )
      const source = sources.find(({ path }) => path === found.file)
      assert.ok(source, `${found.file} is none of the files`)
      const line = source.text.split('\n')[found.line - 1]
      assert.ok(line !== undefined && line.trim() !== '', `line ${found.line} is none`)
      if (at !== undefined) assert.ok(line.includes(at), `line ${found.line} is: ${line}`)
      for (const text of [found.what, found.why, found.fix]) assert.match(text, /\S.*[.`]$/)
    })
  }
}
