// As much of the tar format (POSIX.1-2001, ustar) as a backup needs: a few plain files with short names, written and read as streams. A backup
// can so be opened without Latchkey.
import { createReadStream } from 'node:fs'

const BLOCK = 512

export interface TarFile {
  /** At most 100 ASCII characters, no folders. */
  readonly name: string
  readonly size: number
  /** Where its bytes are. */
  readonly content: Uint8Array | { readonly path: string }
}

/** @param modified milliseconds since the epoch */
export async function* writeTar(files: readonly TarFile[], modified: number): AsyncGenerator<Uint8Array> {
  for (const { name, size, content } of files) {
    yield header(name, size, modified)
    let written = 0
    const chunks =
      content instanceof Uint8Array ? [content] : createReadStream(content.path, { highWaterMark: 1 << 18 })
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      written += chunk.length
      yield chunk
    }
    if (written !== size) throw new Error(`${name} has ${written} bytes instead of ${size}`)
    if (size % BLOCK !== 0) yield new Uint8Array(BLOCK - (size % BLOCK))
  }
  yield new Uint8Array(2 * BLOCK)
}

function header(name: string, size: number, modified: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, offset: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1')
  }
  block.write(name, 0, 100, 'latin1')
  octal(0o600, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(modified / 1000), 136, 12)
  block.write('        ', 148, 'latin1')
  block.write('0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** What was expected to be a tar file isn't one, or is cut off. */
export class TarError extends Error {}

/**
 * Reads the files in order.
 * @param receive is given each file's name and size, and returns what takes its bytes, or undefined to refuse it
 * @throws TarError
 */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  receive: (name: string, size: number) => { write(chunk: Uint8Array): unknown; end(): unknown } | undefined,
): Promise<void> {
  const blocks = new Blocks(source)
  for (;;) {
    const block = await blocks.take(BLOCK)
    if (block.every((byte) => byte === 0)) break
    const { name, size } = parseHeader(block)
    const sink = receive(name, size)
    if (sink === undefined) throw new TarError(`it holds ${JSON.stringify(name)}, which no backup has`)
    for (let left = size; left > 0; ) {
      const chunk = await blocks.some(left)
      await sink.write(chunk)
      left -= chunk.length
    }
    await sink.end()
    if (size % BLOCK !== 0) await blocks.take(BLOCK - (size % BLOCK))
  }
  // To the end, so that whatever checks the whole stream does so.
  await blocks.drain()
}

function parseHeader(block: Buffer): { name: string; size: number } {
  const text = (start: number, length: number): string =>
    /^[^\0]*/.exec(block.toString('latin1', start, start + length))?.[0] ?? ''
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0)
  const size = text(124, 12).trim()
  if (Number.parseInt(text(148, 8), 8) !== sum || !/^[0-7]+$/.test(size) || text(156, 1) !== '0')
    throw new TarError('it is no tar file')
  return { name: text(0, 100), size: Number.parseInt(size, 8) }
}

/** Cuts a stream of chunks of any length into pieces as they are wanted. */
class Blocks {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next()
    if (done) return false
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    return true
  }

  async take(length: number): Promise<Buffer> {
    while (this.#rest.length < length) if (!(await this.#more())) throw new TarError('it is cut off')
    const piece = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return piece
  }

  async some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) await this.take(1).then((first) => (this.#rest = Buffer.concat([first, this.#rest])))
    return this.take(Math.min(most, this.#rest.length))
  }

  async drain(): Promise<void> {
    this.#rest = Buffer.alloc(0)
    while (await this.#more()) this.#rest = Buffer.alloc(0)
  }
}
