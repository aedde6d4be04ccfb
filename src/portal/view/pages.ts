// The pages by name: which values each is shown with, compiled once for each language. No request, no response.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileTemplate, type Scope, type Template, type Value } from '../../base/template.ts'
import type { Languages } from '../../i18n/languages.ts'
import { ACCOUNT_PAGES, type AccountPageValues } from './account-pages.ts'
import { breakableHost, escapeHtml, type Html } from './html.ts'
import { TEMPLATES } from './texts.ts'

/** What the frame around every page needs. */
export interface Frame {
  readonly theme: string
  readonly colorScheme: string
  readonly base: string
  readonly nonce: string
  readonly stylesheet: string
  readonly script: string
  /** A script that only this page needs. */
  readonly extraScript: string | undefined
  /** Address of the script that estimates a new password, for the one that loads it when somebody types one; undefined in a checkout that isn't built. */
  readonly estimate: string | undefined
  readonly favicon: string
  /** Address of the operator's logo; undefined shows ours. */
  readonly logo: string | undefined
  readonly portalHost: string
  /** The page has the way among the pages of the account at its side. */
  readonly wide: boolean
  /** The languages to choose from; undefined where there is nothing to choose. */
  readonly chooser: Chooser | undefined
}

interface Chooser extends Scope {
  /** Where the page leads on to, which would be lost with the answer to a form. */
  readonly rd: string
  readonly rm: string
  readonly goOn: string
  /** Of a link that was mailed. */
  readonly token: string
  readonly languages: readonly { readonly tag: string; readonly name: string; readonly isChosen: boolean }[]
}

interface WayFields {
  readonly rd: string
  readonly rm: string
}
interface Destination {
  /** Host one returns to. */
  readonly destination: string | undefined
  readonly refusedDestination: boolean
}
interface MayFail {
  /** What went wrong, a whole text; undefined when nothing did. */
  readonly problem: string | undefined
}
interface Place extends Scope {
  readonly name: Html
  readonly url: string
  readonly needsCode: boolean
}

/** Of the page of a second factor. */
interface OtherWays {
  /** Page to go on with afterwards, see go-on.ts; '' for none. */
  readonly goOn: string
  readonly hasWays: boolean
  readonly ways: readonly { readonly url: string; readonly label: string }[]
}

/** Where a new password is chosen. */
interface NewPassword {
  readonly username: string
  /** Name of the form's field. */
  readonly field: string
  readonly requirements: readonly {
    readonly text: string
    readonly least: number
    readonly most: number
    readonly pattern: string
    readonly score: number
  }[]
  /** JSON: a list of what others know of the user. */
  readonly about: string
}

interface PushDevice extends Scope {
  readonly device: string
  readonly displayName: string
  readonly isChosen: boolean
}

/** Values of each page; every one must be given, also when undefined. */
export interface PageValues extends AccountPageValues {
  'sign-in': WayFields &
    Destination &
    MayFail & {
      readonly username: string
      readonly remember: boolean
      readonly mayRemember: boolean
      readonly focusPassword: boolean
      /** The fields are what is wrong. */
      readonly invalid: boolean
      readonly passwordResetUrl: string | undefined
      /** Signing in with a passkey is offered. */
      readonly passkeys: { readonly action: string } | undefined
    }
  code: WayFields &
    Destination &
    MayFail &
    OtherWays & {
      readonly username: string
      readonly digits: number
      readonly focusCode: true
      readonly lead: string
      /** Undefined where browsers aren't trusted. */
      readonly trustLabel: string | undefined
    }
  passkey: WayFields &
    Destination &
    MayFail &
    OtherWays & {
      readonly username: string
      readonly lead: string
      /** Undefined where browsers aren't trusted. */
      readonly trustLabel: string | undefined
    }
  'second-password': WayFields &
    Destination &
    MayFail & {
      readonly goOn: string
      readonly username: string
      readonly focusPassword: true
      readonly invalid: boolean
    }
  'register-passkey': WayFields &
    MayFail & {
      /** Why this is asked; undefined when nobody asked for it. */
      readonly lead: string | undefined
      readonly description: string
    }
  recovery: WayFields & Destination & MayFail & OtherWays & { readonly username: string }
  'choose-factor': Destination & {
    readonly username: string
    readonly choices: readonly { readonly url: string; readonly label: string; readonly hint: string }[]
  }
  push: WayFields &
    Destination &
    MayFail &
    OtherWays & {
      readonly username: string
      /** Undefined where browsers aren't trusted. */
      readonly trustLabel: string | undefined
      readonly goOn: string
      readonly enrolUrl: string | undefined
      readonly deviceUrl: string
      readonly passcodeUrl: string
    }
  'push-wait': WayFields &
    Destination & { readonly username: string; readonly lookUrl: string; readonly againUrl: string }
  'push-device': WayFields &
    Destination & { readonly username: string; readonly goOn: string; readonly devices: readonly PushDevice[] }
  'push-passcode': WayFields &
    Destination &
    MayFail &
    OtherWays & { readonly username: string; readonly goOn: string; readonly trustLabel: string | undefined }
  confirm: WayFields &
    Destination &
    MayFail & {
      readonly goOn: string
      readonly username: string
      /** Why all of this; undefined when he came by himself. */
      readonly why: string | undefined
      readonly lead: string
      /** A code was mailed and is waited for. */
      readonly askCode: boolean
      readonly askPassword: boolean
      readonly mayMail: boolean
      /** To have a code mailed is all there is to do. */
      readonly mailsFirst: boolean
      readonly sendLabel: string
      readonly focusPassword: boolean
      readonly invalid: boolean
    }
  'ask-reset': MayFail & { readonly invalid: boolean }
  'reset-password': MayFail & NewPassword & { readonly token: string }
  'change-password': MayFail & NewPassword & { readonly focusPassword: true; readonly invalid: boolean }
  /** The button behind a mail's link that takes something back. */
  revoke: { readonly action: string; readonly name: string; readonly value: string; readonly lead: string }
  register: WayFields &
    MayFail & {
      /** Why this is asked; undefined when nobody asked for it. */
      readonly lead: string | undefined
      readonly focusCode: boolean
      readonly otpauthUrl: string
      readonly qr: Html
      readonly secret: string
      readonly digits: number
    }
  'signed-in': MayFail & {
    readonly initial: string
    readonly displayName: string
    readonly level: string
    readonly refusedDestination: boolean
    readonly sentBack: { readonly name: Html; readonly url: string; readonly domain: string } | undefined
    readonly hasPlaces: boolean
    readonly places: readonly Place[]
  }
  'sign-out': { readonly rd: string }
  'signed-out': { readonly backTo: { readonly name: Html; readonly url: string } | undefined }
  leaving: { readonly destination: string }
  message: {
    readonly lead: string
    readonly hint: string | undefined
    readonly reference: string | undefined
    readonly link: { readonly url: string; readonly label: string } | undefined
    readonly maySignOut: boolean
    readonly username: string
  }
}
export type PageName = keyof PageValues

export interface PageFrame extends Frame {
  readonly title: string
  /** Where the browser goes by itself at once. */
  readonly refreshTo: string | undefined
  /** Seconds after which a browser without the script loads the page anew. */
  readonly comeBackAfter: number | undefined
}

export interface Pages {
  /** What each page asks for, in any language. */
  readonly names: ReadonlyMap<PageName, ReadonlySet<string>>
  /** @param language one of those the pages were compiled for */
  render<Name extends PageName>(language: string, name: Name, frame: PageFrame, values: PageValues[Name]): string
}

const NAMES: readonly PageName[] = [
  ...ACCOUNT_PAGES,
  'recovery',
  'sign-in',
  'code',
  'passkey',
  'second-password',
  'register-passkey',
  'push',
  'push-wait',
  'push-device',
  'push-passcode',
  'choose-factor',
  'confirm',
  'revoke',
  'ask-reset',
  'reset-password',
  'change-password',
  'register',
  'signed-in',
  'sign-out',
  'signed-out',
  'leaving',
  'message',
]

export function loadPages(languages: Languages): Pages {
  const part = onceEach(readTemplate)
  const compiled = new Map(
    languages.names.map((language) => {
      const text = (key: string): string | undefined => languages.textsOf(language).source(key)
      const sources = { part, text, escape: escapeHtml }
      return [language, new Map(NAMES.map((name) => [name, compileTemplate(name, sources)]))]
    }),
  )
  const all = [...compiled.values()]
  const namesOf = (page: PageName) => new Set(all.flatMap((templates) => [...(templates.get(page)?.names ?? [])]))
  return {
    names: new Map(NAMES.map((page) => [page, namesOf(page)])),
    render(language, name, frame, values) {
      const template: Template | undefined = compiled.get(language)?.get(name)
      if (!template) throw new Error(`no page ${name} in ${language}`)
      return template({ lang: language, ...withBreakableHosts({ ...frame, ...values }) })
    },
  }
}

/** Of the values that are hosts, wherever a template shows them; they stand in no attribute. */
const HOSTS = ['destination', 'portalHost'] as const

function withBreakableHosts(values: object): Scope {
  const scope = { ...values } as Record<string, Value>
  for (const name of HOSTS) {
    const host = scope[name]
    if (typeof host === 'string' && host !== '') scope[name] = breakableHost(host)
  }
  return scope
}

function onceEach(read: (name: string) => string | undefined): (name: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (name) => {
    if (!known.has(name)) known.set(name, read(name))
    return known.get(name)
  }
}

function readTemplate(name: string): string | undefined {
  try {
    return readFileSync(join(TEMPLATES, 'portal', `${name}.html`), 'utf8')
  } catch {
    return undefined
  }
}
