import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { ENVELOPE_HEADER, isEnvelope, opening, sealing } from '../../src/backup/envelope.ts'
import { Fault } from '../../src/base/fault.ts'

const CHEAP = { log2N: 10, r: 8, p: 1 }

async function through(bytes: Buffer, step: Transform, piece: number): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
    bytes.subarray(i * piece, (i + 1) * piece),
  )
  const out: Buffer[] = []
  await pipeline(Readable.from(pieces), step, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) out.push(chunk)
  })
  return Buffer.concat(out)
}
const open = async (bytes: Buffer, passphrase: string, piece = 1000): Promise<Buffer> =>
  through(bytes.subarray(ENVELOPE_HEADER), await opening(bytes.subarray(0, ENVELOPE_HEADER), passphrase), piece)
const code =
  (...codes: string[]) =>
  (error: unknown) =>
    error instanceof Fault && codes.includes(error.code)

test('what was sealed comes back, in whatever pieces, and none of it is readable before', async () => {
  const plain = Buffer.concat([Buffer.from('a text to search for'), randomBytes(5000)])
  const sealed = await through(plain, await sealing('correct horse', CHEAP), 777)
  assert.ok(isEnvelope(sealed))
  assert.equal(sealed.indexOf('a text to search for'), -1)
  for (const piece of [1, 15, 16, 17, 100_000]) assert.deepEqual(await open(sealed, 'correct horse', piece), plain)
  // The same letters, composed otherwise by another keyboard.
  const accents = await through(Buffer.from('x'), await sealing('caf\u00e9', CHEAP), 10)
  assert.deepEqual(await open(accents, 'cafe\u0301'), Buffer.from('x'))
})

test('a wrong passphrase is told from a damaged file', async () => {
  const sealed = await through(randomBytes(500), await sealing('correct horse', CHEAP), 100)
  await assert.rejects(open(sealed, 'wrong horse'), code('backup-passphrase'))
  for (const at of [ENVELOPE_HEADER, ENVELOPE_HEADER + 200, sealed.length - 1]) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    await assert.rejects(open(changed, 'correct horse'), code('backup-damaged'), `byte ${at}`)
  }
  for (const length of [ENVELOPE_HEADER, ENVELOPE_HEADER + 10, sealed.length - 1])
    await assert.rejects(open(sealed.subarray(0, length), 'correct horse'), code('backup-damaged'), `cut at ${length}`)
})

test('a changed header is refused, and can’t ask for more memory than there should be', async () => {
  const sealed = await through(Buffer.from('x'), await sealing('correct horse', CHEAP), 100)
  const withByte = (at: number, value: number): Buffer => Buffer.from(sealed).fill(value, at, at + 1)
  await assert.rejects(open(withByte(16, 40), 'correct horse'), code('backup-damaged'))
  await assert.rejects(open(withByte(17, 255), 'correct horse'), code('backup-damaged'))
  await assert.rejects(open(withByte(18, 0), 'correct horse'), code('backup-damaged'))
  await assert.rejects(open(withByte(20, 0), 'correct horse'), code('backup-passphrase', 'backup-damaged'))
  await assert.rejects(open(withByte(36, 0), 'correct horse'), code('backup-passphrase', 'backup-damaged'))
})
