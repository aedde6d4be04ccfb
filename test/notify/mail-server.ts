// A mail server on a real socket that behaves as it is told, and what a notifier is configured with to reach it.
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { issueLeaf, makeAuthority, type Pem } from '../../src/certs/authority.ts'
import type { SmtpConfig } from '../../src/config/config.ts'

export interface Received {
  /** Of the envelope. */
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly parsed: ParsedMail
  /** Whether it came over TLS. */
  readonly secure: boolean
  readonly user: string | undefined
  readonly clientName: string
}

export interface MailServer {
  readonly port: number
  readonly received: Received[]
  /** Connections made so far. */
  connections: number
  /** Resolves when so many mails have come. */
  count(wanted: number): Promise<readonly Received[]>
  close(): Promise<void>
}

export interface MailServerOptions extends SMTPServerOptions {
  readonly port?: number
  /** Milliseconds before a message is taken. */
  readonly delay?: number
}

const now = Date.now()
const authority = await makeAuthority('Mail test authority', [], { now, days: 10 })
export const AUTHORITY: string = authority.certificate
/** For localhost, by the authority. */
export const LOCAL: Pem = await issueLeaf(authority, { dns: ['localhost'], ip: ['127.0.0.1'] }, { now, days: 5 })
/** For another name. */
export const ELSEWHERE: Pem = await issueLeaf(authority, { dns: ['mail.example.org'] }, { now, days: 5 })

const withCertificate = ({ certificate, privateKey }: Pem) => ({ cert: certificate, key: privateKey })
export const TLS = withCertificate(LOCAL)
export const WRONG_TLS = withCertificate(ELSEWHERE)

/** Without credentials and with TLS offered, unless told otherwise. */
export async function startMailServer(
  t: Pick<TestContext, 'after'>,
  { port = 0, delay = 0, ...options }: MailServerOptions = {},
): Promise<MailServer> {
  const received: Received[] = []
  const waiting: (() => void)[] = []
  const server = new SMTPServer({
    ...TLS,
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, done) {
      running.connections++
      done()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks).toString('latin1')
        const parsed = await simpleParser(Buffer.concat(chunks))
        const { mailFrom, rcptTo } = session.envelope
        setTimeout(() => {
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw,
            parsed,
            secure: session.secure,
            user: session.user,
            clientName: String(session.hostNameAppearsAs),
          })
          done()
          for (const tell of waiting.splice(0)) tell()
        }, delay)
      })
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  let isOpen = true
  const running: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    received,
    connections: 0,
    async count(wanted) {
      while (received.length < wanted) await new Promise<void>((resolve) => waiting.push(resolve))
      return received
    },
    async close() {
      if (!isOpen) return
      isOpen = false
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  t.after(() => running.close())
  return running
}

/** Speaks as it is scripted: each line that comes is answered by `answer`; undefined is silence. */
export async function startScripted(
  t: Pick<TestContext, 'after'>,
  greeting: string | undefined,
  answer: (line: string) => string | undefined,
): Promise<{ readonly port: number; readonly heard: string[] }> {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    if (greeting !== undefined) socket.write(`${greeting}\r\n`)
    socket.on('data', (data) => {
      for (const line of String(data).split('\r\n').filter(Boolean)) {
        heard.push(line)
        const said = answer(line)
        if (said !== undefined) socket.write(`${said}\r\n`)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, heard }
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export const smtpConfig = (port: number, changes: Partial<SmtpConfig> = {}): SmtpConfig => ({
  kind: 'smtp',
  host: 'localhost',
  port,
  encryption: 'required',
  timeout: 2000,
  credentials: undefined,
  sender: { address: 'latchkey@example.com', name: 'Latchkey' },
  subject: '[Test] {title}',
  identifier: 'auth.example.com',
  html: true,
  tls: {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    skipVerify: false,
    serverName: undefined,
    privateKey: undefined,
    certificateChain: undefined,
  },
  ...changes,
})
