// The portal's own files (style, script, icons): read, named by their hash and compressed once; served from memory and kept by browsers for good.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { Fault } from '../../base/fault.ts'
import { packageFolder } from '../../base/package-folder.ts'
import { readBounded } from '../../base/read-bounded.ts'
import { TEMPLATES } from './texts.ts'

export interface StaticFile {
  readonly type: string
  readonly plain: Content
  readonly br: Content | undefined
  readonly gzip: Content | undefined
}
/** In memory, or the path of a file: what is large and seldom asked for is read when it is. */
type Content = Buffer | string

/** Only what is listed here is ever served: no path of a visitor reaches the disk. */
const OWN = ['portal.css', 'portal.js', 'webauthn.js', 'choose-password.js', 'favicon.svg'] as const
/** Made by scripts/build.ts, compressed already, with its hash in its name; it isn't there in a checkout that hasn't been built. */
const BUILT = ['password-estimate.js'] as const
/** What `server.asset_path` may replace. */
const REPLACEABLE = ['favicon.ico', 'logo.png'] as const

/** Bytes of what every page brings along. */
const MAX_PICTURE = 4 * 1024 * 1024

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ico': 'image/x-icon',
  '.png': 'image/png',
}

export interface StaticFiles {
  /** By address. */
  readonly own: ReadonlyMap<string, StaticFile>
  /** Address below the base path, `/static/portal.0a1b2c3d4e.css`; undefined when there is no such file. */
  address(name: (typeof OWN)[number] | (typeof BUILT)[number] | (typeof REPLACEABLE)[number]): string | undefined
  /** Answers when `path` (without base path) is one of these files; says whether it did. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean
}

/**
 * @param assetPath folder with replacements, read now; files that aren't there are left out
 * @param before those of the configuration of before: what pages shown until now ask for is there still
 */
export function loadStaticFiles(assetPath: string | undefined, before?: StaticFiles): StaticFiles {
  // Not `before` itself, which would keep every generation alive.
  const earlier = before?.own
  const addresses = new Map<string, string>()
  const files = new Map<string, StaticFile>()
  const add = (name: string, content: Buffer): void => {
    const extension = extname(name)
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 10)
    const address = `/static/${name.slice(0, -extension.length)}.${hash}${extension}`
    addresses.set(name, address)
    files.set(address, earlier?.get(address) ?? prepare(content, TYPES[extension] ?? 'application/octet-stream'))
  }
  for (const name of OWN) add(name, withoutComments(name, readFileSync(join(TEMPLATES, 'portal/static', name))))
  for (const name of BUILT) {
    const built = findBuilt(name)
    if (built === undefined) continue
    const address = `/static/${basename(built)}`
    addresses.set(name, address)
    files.set(address, { type: TYPES['.js'] ?? '', plain: built, br: `${built}.br`, gzip: `${built}.gz` })
  }
  for (const name of REPLACEABLE) {
    const content = assetPath ? readIfThere(join(assetPath, name)) : undefined
    if (content) add(name, content)
  }
  // Browsers and older links ask for these by their plain names; they may change, so they aren't kept for long.
  const icon = files.get(addresses.get('favicon.ico') ?? addresses.get('favicon.svg') ?? '')
  const logo = files.get(addresses.get('logo.png') ?? '')
  const plainNames = new Map([
    ['/favicon.ico', icon],
    ['/static/media/logo.png', logo],
  ])
  return {
    own: files,
    address: (name) => addresses.get(name),
    serve(path, request, response) {
      const hashed = files.get(path) ?? earlier?.get(path)
      const file = hashed ?? plainNames.get(path)
      if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) return false
      response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600')
      response.removeHeader('Pragma')
      send(file, request, response)
      return true
    },
  }
}

/** @returns the path of `name.HASH.js` for `name.js` */
function findBuilt(name: string): string | undefined {
  const folder = join(packageFolder(), 'dist/portal/static')
  const [stem = ''] = name.split('.')
  const found = existsSync(folder)
    ? readdirSync(folder).find((file) => /^[a-z-]+\.[0-9a-f]+\.js$/.test(file) && file.startsWith(`${stem}.`))
    : undefined
  return found === undefined ? undefined : join(folder, found)
}

/** Whole lines of comment are for those who read the sources; the sign-in page is the lighter for it. */
function withoutComments(name: string, content: Buffer): Buffer {
  if (!name.endsWith('.js')) return content
  return Buffer.from(content.toString('utf8').replace(/^[ \t]*(?:\/\/.*|\/\*\*.*\*\/)\n/gm, ''))
}

function prepare(plain: Buffer, type: string): StaticFile {
  if (!/^text|svg/.test(type)) return { type, plain, br: undefined, gzip: undefined }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length }
  return { type, plain, br: brotliCompressSync(plain, { params }), gzip: gzipSync(plain, { level: 9 }) }
}

function send(file: StaticFile, request: IncomingMessage, response: ServerResponse): void {
  const accepted = request.headers['accept-encoding']
  const encoding = file.br && accepts(accepted, 'br') ? 'br' : file.gzip && accepts(accepted, 'gzip') ? 'gzip' : 'plain'
  const content = file[encoding] ?? file.plain
  const body = typeof content === 'string' ? readFileSync(content) : content
  response.setHeader('Content-Type', file.type)
  response.setHeader('Content-Length', body.length)
  response.setHeader('Vary', 'Accept-Encoding')
  if (encoding !== 'plain') response.setHeader('Content-Encoding', encoding)
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Accept-Encoding, RFC 9110 §12.5.3, as far as it is needed here: named and not refused with q=0. */
const accepts = (header: string | string[] | undefined, coding: string): boolean =>
  String(header ?? '')
    .split(',')
    .some((part) => {
      const [name, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      return name === coding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
    })

/** @throws Fault `asset-file` */
function readIfThere(file: string): Buffer | undefined {
  const unusable = (why: string, cause?: unknown): Fault =>
    new Fault('asset-file', `server.asset_path: ${file} ${why}.`, {
      hint: 'Put a picture there that this user may read, or take the file away.',
      cause,
    })
  let content: Buffer | undefined
  try {
    content = readBounded(file, MAX_PICTURE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable("can't be read", error)
  }
  if (content === undefined) throw unusable('is larger than 4 MiB')
  return content
}
