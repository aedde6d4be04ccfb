// The questions of `init`, in order: what each asks, what is usual, and what is wrong with an answer. Answers are text here; answersFrom makes of them
// what the files are made from. Asks nobody itself.
import { isIP } from 'node:net'
import { Fault } from '../base/fault.ts'
import { parseNetwork } from '../base/ip-address.ts'
import { domainError } from '../config/check/session.ts'
import { closestName } from '../yaml/closest-name.ts'
import type { Answers } from './answers.ts'
import { installedProxies, likelyUser } from './find-out.ts'
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
  /** What was found out that may help to answer, one sentence. */
  readonly remark?: () => string | undefined
}

const MAIL = /^[^\s@<>"']+@[^\s@<>"']+$/
const NAME = /^[a-zA-Z0-9][\w.@-]{0,99}$/

export const QUESTIONS: readonly Question[] = [
  {
    flag: 'domain',
    text: 'Which domain do your applications live under, such as example.com?',
    usual: () => undefined,
    wrong: (answer) => {
      if (isIP(answer)) return 'An address has no hosts below it; a domain is needed.'
      const meant = pastedHost(answer)
      if (meant !== undefined) return `The domain's name only: write ${meant}.`
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
    text: 'Which applications, and where does the proxy find them? Write name=address, with commas between several, as in wiki=http://127.0.0.1:3000:',
    usual: () => undefined,
    wrong: applicationsError,
  },
  {
    flag: 'proxy',
    text: `Which proxy stands in front? (${PROXY_NAMES.join(', ')}, or none)`,
    usual: () => {
      const [only, ...others] = installedHere()
      return others.length === 0 ? only : undefined
    },
    remark: () => {
      const found = installedHere()
      return found.length > 1 ? `Installed here: ${found.join(', ')}.` : undefined
    },
    wrong: (answer) => {
      if (answer === 'none' || PROXY_NAMES.some((name) => name === answer)) return undefined
      const meant = closestName(answer, PROXY_NAMES)
      const hint = meant === undefined ? `There is one for ${PROXY_NAMES.join(', ')}.` : `Did you mean ${meant}?`
      return `There is no set-up for ${JSON.stringify(answer)}. ${hint}`
    },
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
    wrong: (answer) =>
      answer === '' ? 'It is empty.' : /\p{Cc}/u.test(answer) ? 'It has a control character in it.' : undefined,
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

const installedHere = () => installedProxies(process.env['PATH'] ?? '')

/** The host of what is an address, or has a port or a path behind it. */
function pastedHost(answer: string): string | undefined {
  const [, host = ''] = /^(?:[a-z][\w+.-]*:\/\/)?([^/?#:]+)/i.exec(answer) ?? []
  return host !== answer && isHostName(host.toLowerCase()) ? host.toLowerCase() : undefined
}

/** A name without a dot is one below the domain. */
const wholeHost = (name: string, { domain }: Given): string => {
  const host = name.toLowerCase()
  return host.includes('.') || host === '' ? host : `${host}.${domain}`
}

function hostError(host: string, { domain = '' }: Given): string | undefined {
  const meant = pastedHost(host)
  if (meant !== undefined)
    return `The host's name only: write ${meant}. (Where visitors come by another port than 443, say so with --port.)`
  if (!isHostName(host)) return `${JSON.stringify(host)} is no host name: letters, digits, hyphens, and dots between.`
  return host === domain || host.endsWith(`.${domain}`) ? undefined : `${host} doesn't lie below ${domain}.`
}

function applicationsError(answer: string, given: Given): string | undefined {
  const bare = partsOf(answer).find((part) => !part.includes('='))
  if (bare !== undefined) {
    const isAddress = /^\w+:\/\/|:\d+$/.test(bare)
    return isAddress
      ? `${JSON.stringify(bare)} has no name before it; write wiki=${bare}, say.`
      : `${JSON.stringify(bare)} has no address behind it; write ${bare}=http://127.0.0.1:3000, say.`
  }
  try {
    const hosts = applicationsFrom(answer, given).map(({ host }) => host)
    if (hosts.length === 0) return 'At least one is needed.'
    const twice = hosts.find((host, index) => hosts.indexOf(host) < index)
    if (twice !== undefined) return `${twice} is named twice.`
    if (hosts.includes(wholeHost(given.portal ?? '', given))) return `${given.portal} is the portal itself.`
    return hosts.map((host) => hostError(host, given)).find((error) => error !== undefined)
  } catch (error) {
    if (error instanceof Fault) return error.code === 'proxy-application' ? nameError(answer) : upstreamError(error)
    throw error
  }
}

/** Of the first name that none of a host is. */
function nameError(answer: string): string {
  const names = partsOf(answer).map((part) => (part.split('=')[0] ?? '').trim())
  return (
    hostError(names.find((name) => !isHostName(name.toLowerCase())) ?? '', {}) ?? 'This is no list of applications.'
  )
}

/** It speaks as the flag does that others use. */
const upstreamError = ({ message, hint = '' }: Fault): string => `${message.replace(/^--app /, '')} ${hint}`.trim()

const partsOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** @throws Fault of what isn't HOST=ADDRESS */
function applicationsFrom(text: string, given: Given): Application[] {
  return partsOf(text)
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
