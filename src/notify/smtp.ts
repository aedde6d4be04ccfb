// By mail: SMTP with TLS from the first byte or by STARTTLS (RFC 3207, 8314), which is demanded unless the operator gave that up by name. A
// connection a message; what goes wrong is sorted into what will ever be taken, what may be taken later, and a server that can't be used.
import { getCACertificates } from 'node:tls'
import type { SmtpConfig } from '../config/config.ts'
import { oneLine } from './harmless.ts'
import { DeliveryFailure, type Message, type Transport } from './message.ts'

/** Messages on their way at once: a person who waits for a code doesn't stand behind one slow conversation. */
const AT_ONCE = 4
/** A conversation has about so many steps; a server that drips its answers is left. */
const STEPS = 6

const SCHEMES = { implicit: 'submissions', required: 'submission', offered: 'smtp', none: 'smtp' } as const

/** @param authorities PEM, to be trusted besides those that Node and the system know */
export function createSmtpTransport(config: SmtpConfig, authorities: readonly string[]): Transport {
  const { host, port, encryption, timeout, credentials, sender } = config
  let made: ReturnType<typeof connectionTo> | undefined
  // Whoever sends nothing pays neither for the library nor for reading the system's authorities.
  const transport = () => {
    made ??= connectionTo(config, authorities)
    return made
  }
  const limited = async (signal: AbortSignal, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
    const limit = AbortSignal.timeout(timeout * STEPS)
    try {
      await work(AbortSignal.any([signal, limit]))
    } catch (error) {
      throw limit.aborted ? new DeliveryFailure('unreachable', 'the mail server takes too long') : failureOf(error)
    }
  }
  return {
    place: `${SCHEMES[encryption]}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    atOnce: AT_ONCE,
    check: (signal) => limited(signal, async (limit) => orAborted((await transport()).verify(), limit)),
    deliver: (message, signal) =>
      limited(signal, async (limit) =>
        (await transport()).sendMail({
          // Given in parts: nothing is parsed as a list of addresses.
          envelope: { from: sender.address, to: [message.to.address] },
          from: { name: oneLine(sender.name), address: sender.address },
          to: { name: oneLine(message.to.name), address: message.to.address },
          subject: subjectOf(config.subject, message),
          text: message.text,
          ...(config.html ? { html: message.html } : {}),
          // Nobody's holiday notice is an answer to it (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          signal: limit,
        }),
      ),
  }

  async function connectionTo({ tls, identifier }: SmtpConfig, own: readonly string[]) {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      host,
      port,
      secure: encryption === 'implicit',
      requireTLS: encryption === 'required',
      ignoreTLS: encryption === 'none',
      opportunisticTLS: encryption === 'offered',
      name: identifier.replace(/[^\x21-\x7e]/g, '') || 'localhost',
      ...(credentials ? { auth: { user: credentials.username, pass: credentials.password }, forceAuth: true } : {}),
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      dnsTimeout: timeout,
      // A message holds no file and no address of its own to be fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
      tls: {
        minVersion: tls.minVersion,
        maxVersion: tls.maxVersion,
        rejectUnauthorized: !tls.skipVerify,
        ...(tls.skipVerify ? {} : { ca: trusted(own) }),
        ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
        ...(tls.privateKey === undefined ? {} : { key: tls.privateKey }),
        ...(tls.certificateChain === undefined ? {} : { cert: tls.certificateChain }),
      },
    })
  }
}

const trusted = (own: readonly string[]): string[] => [
  ...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own]),
]

const subjectOf = (pattern: string, { title }: Message): string => oneLine(pattern.replaceAll('{title}', () => title))

async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let abort: () => void = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
  try {
    await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    work.catch(() => {})
  }
}

interface SmtpError {
  readonly code?: string
  readonly responseCode?: number
  readonly response?: string
  readonly message?: string
}

/** Replies that are about us and not about the message: they are no answer to whether it would be taken (RFC 4954 §6, RFC 3207 §4). */
const ABOUT_US = [421, 454, 530, 534, 535, 538]

function failureOf(error: unknown): DeliveryFailure {
  const { code = '', responseCode, response, message = '' } = error as SmtpError
  const said = oneLine(response ?? message).slice(0, 160)
  if (code === 'EAUTH') return new DeliveryFailure('unreachable', `it doesn't take username and password: ${said}`)
  if (code === 'ETLS') return new DeliveryFailure('unreachable', `it offers no encryption that can be used: ${said}`)
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    if (responseCode !== undefined && ABOUT_US.includes(responseCode)) return new DeliveryFailure('unreachable', said)
    return new DeliveryFailure(responseCode !== undefined && responseCode < 500 ? 'later' : 'refused', said)
  }
  return new DeliveryFailure('unreachable', said || code)
}
