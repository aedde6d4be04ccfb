// The file of a backup: a gzipped tar of the manifest and the databases, in an envelope when it is encrypted. Writing it, and reading it back.
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Fault } from '../base/fault.ts'
import type { Part } from './copy-database.ts'
import { ENVELOPE_HEADER, isEnvelope, opening, sealing } from './envelope.ts'
import { readTar, TarError, writeTar } from './tar.ts'

export interface PartEntry {
  readonly part: Part
  readonly size: number
  /** Hex. */
  readonly sha256: string
  /** Schema version. */
  readonly version: number
}

export interface Manifest {
  readonly format: 'latchkey-backup'
  readonly version: 1
  /** RFC 3339. */
  readonly createdAt: string
  /** Version of Latchkey that made it. */
  readonly program: string
  readonly parts: readonly PartEntry[]
}

const MANIFEST = 'manifest.json'
const LONGEST_MANIFEST = 64 * 1024
export const partName = (part: Part): string => `${part}.sqlite3`

/** @param target exists and is empty; it is flushed to the disk before this returns */
export async function writeBackupFile(
  target: string,
  manifest: Manifest,
  folder: string,
  passphrase: string | undefined,
  tell: (done: number, total: number) => void,
): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  const files = [
    { name: MANIFEST, size: text.length, content: text },
    ...manifest.parts.map(({ part, size }) => ({
      name: partName(part),
      size,
      content: { path: join(folder, partName(part)) },
    })),
  ]
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const tar = writeTar(files, Date.parse(manifest.createdAt))
  const file = createWriteStream(target, { flags: 'r+', flush: true })
  const steps = [counting(total, tell), createGzip(), ...(passphrase === undefined ? [] : [await sealing(passphrase)])]
  await pipeline([tar, ...steps, file] as unknown as readonly [NodeJS.ReadableStream, NodeJS.WritableStream])
}

function counting(total: number, tell: (done: number, total: number) => void): Transform {
  let done = 0
  return new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done = Math.min(total, done + chunk.length)
      tell(done, total)
      next(null, chunk)
    },
  })
}

/** @throws Fault `backup-unreadable` */
export function isEncrypted(file: string): boolean {
  return isEnvelope(beginning(file, ENVELOPE_HEADER))
}

function beginning(file: string, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  try {
    if (!statSync(file).isFile()) throw new Error('it is no file')
    const open = openSync(file, 'r')
    try {
      return bytes.subarray(0, readSync(open, bytes, 0, length, 0))
    } finally {
      closeSync(open)
    }
  } catch (cause) {
    throw new Fault('backup-unreadable', `The backup ${file} can't be read.`, {
      hint: 'Check its name and who may read it.',
      cause,
    })
  }
}

/**
 * Reads all of it and compares every part with the manifest.
 * @param folder where the parts are written; without one they are only read
 * @throws Fault `backup-unreadable`, `backup-passphrase`, `backup-damaged`, `database-newer`
 */
export async function readBackupFile(
  file: string,
  folder: string | undefined,
  passphrase: string | undefined,
  tell: (done: number, total: number) => void,
): Promise<Manifest> {
  const start = beginning(file, ENVELOPE_HEADER)
  const encrypted = isEnvelope(start)
  if (encrypted && passphrase === undefined)
    throw new Fault('backup-passphrase', `The backup ${file} is encrypted and no passphrase was given.`, {
      hint: 'Type it at a terminal, pipe it in, or name a file with --passphrase-file.',
      exitCode: 2,
    })
  const found: { manifest?: Manifest; readonly parts: Map<string, { size: number; sha256: string }> } = {
    parts: new Map(),
  }
  const source = createReadStream(file, { start: encrypted ? ENVELOPE_HEADER : 0, highWaterMark: 1 << 18 })
  const total = statSync(file).size
  const steps = [counting(total, tell), ...(encrypted ? [await opening(start, passphrase ?? '')] : []), createGunzip()]
  try {
    await pipeline([source, ...steps, (plain: Readable) => unpack(plain, folder, found)] as unknown as readonly [
      NodeJS.ReadableStream,
      NodeJS.WritableStream,
    ])
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof Fault || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO') throw error
    if (!(error instanceof TarError) && !String(code).startsWith('Z_')) throw error
    throw damaged(
      file,
      error instanceof TarError ? error.message : 'it is no backup of Latchkey, or was changed',
      error,
    )
  }
  tell(total, total)
  const { manifest, parts } = found
  if (manifest === undefined) throw damaged(file, 'it has no manifest')
  for (const { part, size, sha256 } of manifest.parts) {
    const read = parts.get(partName(part))
    if (read?.size !== size || read.sha256 !== sha256) throw damaged(file, `${part} is not what the manifest says`)
  }
  return manifest
}

async function unpack(
  plain: AsyncIterable<Uint8Array>,
  folder: string | undefined,
  found: { manifest?: Manifest; readonly parts: Map<string, { size: number; sha256: string }> },
): Promise<void> {
  await readTar(plain, (name, size) => {
    if (name === MANIFEST && size <= LONGEST_MANIFEST) {
      const chunks: Uint8Array[] = []
      return {
        write: (chunk) => chunks.push(chunk),
        end: () => {
          found.manifest = parseManifest(Buffer.concat(chunks).toString())
        },
      }
    }
    if (found.parts.has(name) || !found.manifest?.parts.some(({ part }) => partName(part) === name)) return undefined
    const hash = createHash('sha256')
    const target =
      folder === undefined
        ? undefined
        : createWriteStream(join(folder, name), { flags: 'wx', mode: 0o600, flush: true })
    const written =
      target && new Promise<void>((resolve, reject) => target.once('close', resolve).once('error', reject))
    written?.catch(() => {})
    return {
      async write(chunk) {
        hash.update(chunk)
        // The chunk is a view of a buffer that lives on; a full stream says so by its error.
        if (target && !target.write(chunk))
          await Promise.race([new Promise<void>((resolve) => target.once('drain', resolve)), written])
      },
      async end() {
        found.parts.set(name, { size, sha256: hash.digest('hex') })
        target?.end()
        await written
      },
    }
  })
}

function parseManifest(text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TarError('its manifest is no JSON')
  }
  const { format, version, parts, createdAt, program } = (value ?? {}) as Partial<Record<keyof Manifest, unknown>>
  if (format !== 'latchkey-backup' || typeof version !== 'number')
    throw new TarError('its manifest is none of Latchkey')
  if (version !== 1) {
    throw new Fault(
      'database-newer',
      'The backup was made by a newer Latchkey, in a form that this one does not know.',
      {
        hint: 'Use the Latchkey that made it, or a newer one.',
      },
    )
  }
  const isPart = (part: unknown): part is PartEntry => {
    const { part: name, size, sha256 } = (part ?? {}) as Partial<Record<keyof PartEntry, unknown>>
    return (name === 'storage' || name === 'sessions') && Number.isSafeInteger(size) && typeof sha256 === 'string'
  }
  if (!Array.isArray(parts) || !parts.every(isPart) || !parts.some(({ part }) => part === 'storage'))
    throw new TarError('its manifest is incomplete')
  return { format, version: 1, createdAt: String(createdAt), program: String(program), parts }
}

const damaged = (file: string, why: string, cause?: unknown): Fault =>
  new Fault('backup-damaged', `The backup ${file} can't be used: ${why}.`, { hint: 'Use another copy of it.', cause })
