// The log: pino, text or JSON, to standard output and optionally a file. Callers pass fields, never secrets; redaction is a second line of defence.
import { openSync } from 'node:fs'
import { type DestinationStream, destination, multistream, pino, stdTimeFunctions } from 'pino'
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

export interface OpenLog {
  readonly logger: Logger
  /** Opens the file anew (SIGHUP after rotation). */
  reopen(): void
  /** Writes what is buffered; call before the process ends. */
  flush(): void
}

/** @throws Fault `log-file` when the file can't be opened for appending */
export function openLog(options: LogOptions): OpenLog {
  const files: ReturnType<typeof destination>[] = []
  const streams: DestinationStream[] = []
  if (!options.filePath || options.keepStdout) {
    const out = destination({ fd: 1, sync: true })
    streams.push(options.format === 'text' ? asText(out) : out)
  }
  if (options.filePath) {
    try {
      openSync(options.filePath, 'a', 0o600)
    } catch (cause) {
      throw new Fault('log-file', `The log file ${options.filePath} can't be opened for writing.`, {
        hint: 'Check log.file_path, that its folder exists and that this user may write there.',
        cause,
      })
    }
    const file = destination({ dest: options.filePath, append: true, mode: 0o600, sync: true })
    files.push(file)
    streams.push(options.format === 'text' ? asText(file) : file)
  }
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    multistream(streams.map((stream) => ({ stream, level: 'trace' as const }))),
  )
  return {
    logger: logger as unknown as Logger,
    reopen: () => {
      for (const file of files) file.reopen()
    },
    flush: () => {
      for (const file of files) file.flushSync()
    },
  }
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
  typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
const plainMessage = (message: unknown): string =>
  JSON.stringify(String(message ?? ''))
    .slice(1, -1)
    .replaceAll('\\"', '"')
