import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readTar, TarError, writeTar } from '../../src/backup/tar.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const FILES = { empty: 0, one: 1, block: 512, more: 1300 }
const contents = Object.entries(FILES).map(([name, size]) => ({ name, size, content: Buffer.alloc(size, name) }))

async function tarred(): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of writeTar(contents, Date.UTC(2026, 0, 1))) chunks.push(chunk)
  return Buffer.concat(chunks)
}
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}
async function read(source: AsyncIterable<Uint8Array>): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {}
  await readTar(source, (name) => {
    const chunks: Uint8Array[] = []
    return {
      write: (chunk) => chunks.push(Buffer.from(chunk)),
      end: () => {
        found[name] = Buffer.concat(chunks)
      },
    }
  })
  return found
}

test('what is written is what tar itself reads', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'x.tar'), await tarred())
  execFileSync('tar', ['xf', 'x.tar'], { cwd: folder })
  for (const { name, content } of contents)
    assert.deepEqual(execFileSync('cat', [name], { cwd: folder }), Buffer.from(content), name)
})

test('it is read back in whatever pieces it comes', async () => {
  const bytes = await tarred()
  for (const size of [1, 7, 511, 512, 513, bytes.length]) {
    const found = await read(inPieces(bytes, size))
    for (const { name, content } of contents) assert.deepEqual(found[name], Buffer.from(content), `${name} by ${size}`)
  }
})

test('what is cut off, changed in a header or no tar at all is refused', async () => {
  const bytes = await tarred()
  for (const length of [1, 511, 513, 1024, 1536, 2048])
    await assert.rejects(read(inPieces(bytes.subarray(0, length), 100)), TarError)
  for (const at of [0, 124, 148, 156]) {
    const changed = Buffer.from(bytes)
    changed[at] = 0x39
    await assert.rejects(read(inPieces(changed, 100)), TarError)
  }
  await assert.rejects(read(inPieces(Buffer.alloc(5000, 'x'), 100)), TarError)
  await assert.rejects(
    readTar(inPieces(bytes, 100), () => undefined),
    TarError,
  )
})
