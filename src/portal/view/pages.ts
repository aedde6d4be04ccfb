// The pages by name: which values each is shown with, compiled once at start. No request, no response.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileTemplate, type Scope, type Template } from '../../base/template.ts'
import { escapeHtml, type Html } from './html.ts'
import { loadTexts, TEMPLATES, type Texts } from './texts.ts'

/** What the frame around every page needs. */
export interface Frame {
  readonly theme: string
  readonly colorScheme: string
  readonly base: string
  readonly nonce: string
  readonly stylesheet: string
  readonly script: string
  readonly favicon: string
  /** Address of the operator's logo; undefined shows ours. */
  readonly logo: string | undefined
  readonly portalHost: string
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
  readonly name: string
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

/** Values of each page; every one must be given, also when undefined. */
export interface PageValues {
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
    }
  code: WayFields &
    Destination &
    MayFail &
    OtherWays & {
      readonly username: string
      readonly digits: number
      readonly focusCode: true
      readonly lead: string
    }
  'choose-factor': Destination & {
    readonly username: string
    readonly choices: readonly { readonly url: string; readonly label: string; readonly hint: string }[]
  }
  'confirm-password': WayFields &
    Destination &
    MayFail & {
      readonly username: string
      readonly heading: string
      readonly lead: string
      readonly focusPassword: true
      readonly invalid: boolean
    }
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
    readonly notice: string | undefined
    readonly initial: string
    readonly displayName: string
    readonly level: string
    readonly refusedDestination: boolean
    readonly sentBack: { readonly name: string; readonly url: string; readonly domain: string } | undefined
    readonly hasPlaces: boolean
    readonly places: readonly Place[]
    readonly mayRegister: boolean
    readonly registerLabel: string
  }
  'sign-out': { readonly rd: string }
  'signed-out': { readonly backTo: { readonly name: string; readonly url: string } | undefined }
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
}

export interface Pages {
  /** What each page asks for. */
  readonly names: ReadonlyMap<PageName, ReadonlySet<string>>
  render<Name extends PageName>(name: Name, frame: PageFrame, values: PageValues[Name]): string
  /** A text of the catalogue with its values filled in; plain, not HTML. */
  text(key: string, values?: Readonly<Record<string, string | number>>): string
}

const NAMES: readonly PageName[] = [
  'sign-in',
  'code',
  'choose-factor',
  'confirm-password',
  'register',
  'signed-in',
  'sign-out',
  'signed-out',
  'leaving',
  'message',
]

export function loadPages(language = 'en'): Pages {
  const texts = loadTexts(language)
  const sources = { part: readTemplate, text: (key: string) => texts.get(key), escape: escapeHtml }
  const templates = new Map<PageName, Template>(NAMES.map((name) => [name, compileTemplate(name, sources)]))
  return {
    names: new Map([...templates].map(([name, template]) => [name, template.names])),
    render(name, frame, values) {
      const template = templates.get(name)
      if (!template) throw new Error(`no page ${name}`)
      return template({ lang: language, ...frame, ...(values as unknown as Scope) })
    },
    text: (key, values = {}) => fill(texts, key, values),
  }
}

function readTemplate(name: string): string | undefined {
  try {
    return readFileSync(join(TEMPLATES, 'portal', `${name}.html`), 'utf8')
  } catch {
    return undefined
  }
}

function fill(texts: Texts, key: string, values: Readonly<Record<string, string | number>>): string {
  const text = texts.get(key)
  if (text === undefined) throw new Error(`no text ${key}`)
  return text.replace(/\{\{(\w+)\}\}/g, (_tag, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`text ${key}: ${name} wasn't given`)
    return String(value)
  })
}
