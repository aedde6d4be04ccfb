// The questions of `init`, in order: what each asks, what is usual, and what is wrong with an answer. Answers are text here; answersFrom makes of them
// what the files are made from. Asks nobody itself.
import { isIP } from 'node:net'
import { Fault } from '../base/fault.ts'
import { parseNetwork } from '../base/ip-address.ts'
import { domainError } from '../config/check/session.ts'
import type { Answers } from './answers.ts'
import { installedProxy, likelyUser } from './find-out.ts'
import { PROXY_NAMES, type ProxyName } from './proxy-name.ts'
import { type Application, isHostName, parseApplication } from './site.ts'

export type Flag = 'domain' | 'portal' | 'app' | 'proxy' | 'user' | 'display-name' | 'email' | 'second-factor'
export type Given = Readonly<Partial<Record<Flag, string>>>

export interface Question {
  readonly flag: Flag
  /** undefined: the usual answer is good enough to ask nobody. */
  readonly text: string | undefined
  /** What is taken when nothing is answered. */
  readonly usual: (given: Given) => string | undefined
  /** What is wrong, one sentence; undefined when nothing is. */
  readonly wrong: (answer: string, given: Given) => string | undefined
}

const MAIL = /^[^\s@<>"']+@[^\s@<>"']+$/
const NAME = /^[a-zA-Z0-9][\w.@-]{0,99}$/

export const QUESTIONS: readonly Question[] = [
  {
    flag: 'domain',
    text: 'Which domain do your applications live under? (example.com)',
    usual: () => undefined,
    wrong: (answer) => {
      if (isIP(answer)) return 'An address has no hosts below it; a domain is needed.'
      const wrong = domainError(answer)
      return wrong && `The domain ${wrong.message}.${wrong.hint ? ` ${wrong.hint}` : ''}`
    },
  },
  {
    flag: 'portal',
    text: 'Under which host shall people sign in?',
    usual: ({ domain }) => `auth.${domain}`,
    wrong: (answer, given) => hostError(wholeHost(answer, given), given),
  },
  {
    flag: 'app',
    text: 'Which applications, as name=address, with commas between them? (app=http://127.0.0.1:3000)',
    usual: () => undefined,
    wrong: (answer, given) => {
      try {
        const hosts = applicationsFrom(answer, given).map(({ host }) => host)
        if (hosts.length === 0) return 'At least one is needed.'
        const twice = hosts.find((host, index) => hosts.indexOf(host) < index)
        if (twice !== undefined) return `${twice} is named twice.`
        if (hosts.includes(wholeHost(given.portal ?? '', given))) return `${given.portal} is the portal itself.`
        return hosts.map((host) => hostError(host, given)).find((error) => error !== undefined)
      } catch (error) {
        if (error instanceof Fault) return `${error.message.replace(/^--app:? ?/, '')} ${error.hint ?? ''}`.trim()
        throw error
      }
    },
  },
  {
    flag: 'proxy',
    text: `Which proxy stands in front? (${PROXY_NAMES.join(', ')}, or none)`,
    usual: () => installedProxy(process.env['PATH'] ?? ''),
    wrong: (answer) =>
      answer === 'none' || PROXY_NAMES.some((name) => name === answer)
        ? undefined
        : `There is no set-up for ${JSON.stringify(answer)}; there is one for ${PROXY_NAMES.join(', ')}.`,
  },
  {
    flag: 'user',
    text: 'Name of the first user?',
    usual: () => likelyUser(),
    wrong: (answer) =>
      NAME.test(answer) ? undefined : 'A name has letters, digits, and . _ - @, and begins with a letter or digit.',
  },
  {
    flag: 'display-name',
    text: undefined,
    usual: ({ user }) => (user ?? '').replace(/^./, (letter) => letter.toUpperCase()),
    wrong: (answer) => (/\p{Cc}/u.test(answer) ? 'It has a control character in it.' : undefined),
  },
  {
    flag: 'email',
    text: 'E-mail address?',
    usual: ({ user, domain }) => (user?.includes('@') ? user : `${user}@${domain}`),
    wrong: (answer) => (MAIL.test(answer) ? undefined : `${JSON.stringify(answer)} is no e-mail address.`),
  },
  {
    flag: 'second-factor',
    text: 'Shall the applications ask for a second factor (an authenticator app)? (yes, no)',
    usual: () => 'no',
    wrong: (answer) => (/^(?:y|yes|n|no)$/i.test(answer) ? undefined : 'Answer yes or no.'),
  },
]

/** A name without a dot is one below the domain. */
const wholeHost = (name: string, { domain }: Given): string => {
  const host = name.toLowerCase()
  return host.includes('.') || host === '' ? host : `${host}.${domain}`
}

function hostError(host: string, { domain = '' }: Given): string | undefined {
  if (!isHostName(host)) return `${JSON.stringify(host)} is no host name.`
  return host === domain || host.endsWith(`.${domain}`) ? undefined : `${host} doesn't lie below ${domain}.`
}

/** @throws Fault of what isn't HOST=ADDRESS */
function applicationsFrom(text: string, given: Given): Application[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseApplication)
    .map((application) => ({ ...application, host: wholeHost(application.host, given) }))
}

export interface Rest {
  readonly folder: string
  readonly password: string
  /** `127.0.0.1:9091`. */
  readonly listen: string
  readonly trustedProxies: readonly string[]
  readonly port: number
}

/** @param given every question's answer, each found right. @throws Fault `init-answer` for what no question asks */
export function answersFrom(given: Readonly<Record<Flag, string>>, rest: Rest): Answers {
  return {
    folder: rest.folder,
    domain: given.domain,
    portalHost: wholeHost(given.portal, given),
    applications: applicationsFrom(given.app, given),
    proxy: given.proxy === 'none' ? undefined : (given.proxy as ProxyName),
    user: { name: given.user, displayname: given['display-name'], email: given.email, password: rest.password },
    secondFactor: /^y/i.test(given['second-factor']),
    listen: parseListen(rest.listen),
    trustedProxies: rest.trustedProxies.map((network) => {
      if (parseNetwork(network)) return network
      throw wrongAnswer(`--trusted-proxy: ${JSON.stringify(network)} is no address and no network.`)
    }),
    port: rest.port,
  }
}

function parseListen(text: string): Answers['listen'] {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  const port = Number(digits)
  if (digits === undefined || port < 1 || port > 65535 || (host !== '' && !isIP(host) && !isHostName(host)))
    throw wrongAnswer(`--listen: ${JSON.stringify(text)} isn't HOST:PORT, such as 127.0.0.1:9091.`)
  return { host, port }
}

export const wrongAnswer = (message: string): Fault => new Fault('init-answer', message, { exitCode: 2 })
