// In processes of their own: the size of V8's nursery belongs to the whole process.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Bytes of the nursery after two seconds in which so many milliseconds of each ten were worked. */
async function sizeAfter(worked: number): Promise<number> {
  const nursery = JSON.stringify(new URL('../../src/base/nursery.ts', import.meta.url).href)
  const program = `
    const { growNurseryWhenBusy, keepNursery, nurserySize } = await import(${nursery})
    keepNursery()
    // What a start throws away.
    for (let i = 0, kept = []; i < 2e6; i++) kept[i % 1e5] = { i }
    const small = nurserySize()
    growNurseryWhenBusy()
    const work = ${worked} > 0 && setInterval(() => {
      for (const end = performance.now() + ${worked}; performance.now() < end; ) ({ end })
    }, 10)
    setTimeout(() => {
      clearInterval(work)
      console.log(JSON.stringify([small, nurserySize()]))
    }, 2500)
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program])
  const [small, size] = JSON.parse(stdout) as [number, number]
  assert.ok(small <= 2 ** 21, `${small} bytes after the start`)
  return size
}

test('the nursery stays small at rest and grows under load, once', async () => {
  const [atRest, busy] = await Promise.all([sizeAfter(0), sizeAfter(8)])
  assert.ok(atRest <= 2 ** 21, `${atRest} bytes at rest`)
  assert.ok(busy >= 2 ** 22 && busy <= 2 ** 23, `${busy} bytes under load`)
})
