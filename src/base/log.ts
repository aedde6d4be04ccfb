// The log: pino, text or JSON, to standard output and optionally a file. Callers pass fields, never secrets; redaction is a second line of defence.
import { closeSync, openSync } from 'node:fs'
import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino'
import { Fault } from './fault.ts'

export interface Logger {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(bindings: Record<string, unknown>): Logger
  isLevelEnabled(level: string): boolean
}

export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly format: 'text' | 'json'
  readonly filePath?: string | undefined
  readonly keepStdout?: boolean
}

/** Names of fields that are never written, wherever they turn up. */
const SECRET_FIELDS = ['password', 'token', 'code', 'secret', 'cookie', 'authorization', 'otc', 'encryptionKey']
const REDACTED = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`])

/** Characters that may wait for a disk that is full. */
const MAX_WAITING = 1024 * 1024

export interface OpenLog {
  readonly logger: Logger
  /**
   * Opens what other options need, and changes nothing yet.
   * @throws Fault `log-file`
   */
  prepare(options: LogOptions): PreparedLog
  /** Opens the file anew (SIGHUP after rotation), `filePath` when its name changes with time. Where that fails, the old one is written on. */
  reopen(filePath?: string): void
  /** Ends writing to the file; nothing may be logged any more. */
  close(): void
}

/** To be ended by one of the two. */
export interface PreparedLog {
  /** Logs with the new options from now on. */
  use(): void
  /** Stays with the old ones. */
  discard(): void
}

interface Outputs {
  readonly options: LogOptions
  readonly file: Destination | undefined
  /** Where each line goes. */
  readonly streams: readonly DestinationStream[]
}

/** @throws Fault `log-file` when the file can't be opened for appending */
export function openLog(first: LogOptions): OpenLog {
  let stdout: Destination | undefined
  /** @param kept the file that is open already under this name */
  const open = (options: LogOptions, kept?: Destination): Outputs => {
    if (!options.filePath || options.keepStdout)
      stdout ??= survive(destination({ fd: 1, sync: true, maxLength: MAX_WAITING }))
    const out = !options.filePath || options.keepStdout ? stdout : undefined
    const file = options.filePath ? (kept ?? openFile(options.filePath)) : undefined
    const streams = [out, file].filter((stream) => stream !== undefined)
    return { options, file, streams: options.format === 'text' ? streams.map(asText) : streams }
  }
  let outputs = open(first)
  const logger = pino(
    {
      level: first.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    {
      write: (line: string) => {
        for (const stream of outputs.streams) stream.write(line)
      },
    },
  )
  return {
    logger: logger as unknown as Logger,
    prepare(options) {
      const old = outputs.file
      const kept = options.filePath === outputs.options.filePath ? old : undefined
      const next = open(options, kept)
      return {
        use() {
          outputs = next
          logger.level = options.level
          if (old !== next.file) old?.end()
        },
        discard() {
          if (old !== next.file) next.file?.end()
        },
      }
    },
    reopen(filePath) {
      const { file } = outputs
      if (!file) return
      try {
        // Tried first: where it can't be opened, the old file must stay in use, under its old name too.
        closeSync(openSync(filePath ?? file.file, 'a', 0o600))
        file.reopen(filePath)
      } catch (error) {
        logger.error({ err: error }, "the log file can't be opened anew; the old one is written on")
      }
    },
    close: () => outputs.file?.end(),
  }
}

type Destination = ReturnType<typeof destination> & { readonly file: string }

function openFile(path: string): Destination {
  try {
    return survive(destination({ dest: path, append: true, mode: 0o600, sync: true, maxLength: MAX_WAITING }))
  } catch (cause) {
    throw new Fault('log-file', `The log file ${path} can't be opened for writing.`, {
      hint: 'Check log.file_path, that its folder exists and that this user may write there.',
      cause,
    })
  }
}

/** A full disk or a closed pipe must not end the server. What can't be written waits for better times, and is lost beyond `MAX_WAITING`. */
function survive(stream: ReturnType<typeof destination>): Destination {
  stream.on('error', () => {})
  return stream as Destination
}

/** One line a record: `time level message key=value …`; values are JSON, so a line break can't forge a record. */
function asText(out: DestinationStream): DestinationStream {
  return {
    write(line: string) {
      const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
      const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${plain(value)}`)
      out.write(`${time} ${String(level).toUpperCase().padEnd(5)} ${plainMessage(msg)}${rest.join('')}\n`)
    },
  }
}

const plain = (value: unknown): string =>
  typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : quoted(value)
const plainMessage = (message: unknown): string =>
  quoted(String(message ?? ''))
    .slice(1, -1)
    .replaceAll('\\"', '"')

/** JSON, and also what JSON leaves as it is but a terminal or an editor obeys: C1 controls, line and paragraph separators, marks of direction. */
const quoted = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
