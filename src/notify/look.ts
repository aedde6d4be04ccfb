// How mails look: templates/email/ in every language there is, and in their place, file by file, the templates of an operator's own, in the form and
// under the names that Authelia has for them. All are tried when they are read.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { packageFolder } from '../base/package-folder.ts'
import { compileTemplate, type Template } from '../base/template.ts'
import { renderTemplate } from '../config/read/template/render.ts'
import { Dict } from '../config/read/template/value.ts'
import type { Languages, Texts } from '../i18n/languages.ts'
import type { Mail, MailName } from './mailer.ts'
import type { Message } from './message.ts'
import { SAMPLES, type Saying, sayingOf } from './sayings.ts'

export const EMAIL_TEMPLATES = join(packageFolder(), 'templates', 'email')

/** What Authelia calls them. */
export const OVERRIDES: Readonly<Record<MailName, string>> = {
  'one-time-code': 'IdentityVerificationOTC',
  'reset-password': 'IdentityVerificationJWT',
  notice: 'Event',
}
const NAMES = Object.keys(OVERRIDES) as readonly MailName[]
const FORMS = ['html', 'txt'] as const
type Form = (typeof FORMS)[number]

export type Look = (mail: Mail) => Message

/**
 * @param folder of the operator's own templates; files that aren't there are ours
 * @throws Fault `mail-template` for one that can't be used
 */
export function loadLook(languages: Languages, folder: string | undefined): Look {
  const texts = languages.textsOf('en')
  const own = new Map<string, OwnTemplate | undefined>(
    NAMES.flatMap((name) =>
      FORMS.map((form) => [
        `${name}.${form}`,
        folder === undefined ? undefined : ownTemplate(folder, name, form, texts),
      ]),
    ),
  )
  const ours = new Map(languages.names.map((language) => [language, ourTemplates(languages.textsOf(language))]))
  const rendered = (mail: Mail, texts: Texts): Message => {
    const saying = sayingOf(mail, texts)
    const body = (form: Form): string => {
      const file = `${mail.name}.${form}`
      const template = own.get(file)
      if (template) return template(saying)
      const built = ours.get(texts.language)?.get(file)
      if (!built) throw new Error(`no template ${file}`)
      return built(saying.scope)
    }
    const { address, displayName: name } = mail.to
    return { to: { address, name }, title: saying.title, text: body('txt'), html: body('html') }
  }
  for (const language of languages.names) {
    const texts = unfilled(languages.textsOf(language))
    for (const mail of SAMPLES) tried(() => rendered(mail, texts))
  }
  return (mail) => rendered(mail, languages.textsOf(mail.language))
}

/** Texts as they are written, which is all that trying a template takes; the forms of numbers rest on tables of 2 MB. */
const unfilled = (texts: Texts): Texts => ({ ...texts, text: (key) => texts.source(key) ?? key })

function tried(render: () => unknown): void {
  try {
    render()
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw wrong('templates/email', cause instanceof Error ? cause.message : String(cause))
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
const asItIs = (text: string): string => text
const ESCAPES: Readonly<Record<Form, (text: string) => string>> = { html: escapeHtml, txt: asItIs }

function ourTemplates(texts: Texts): ReadonlyMap<string, Template> {
  return new Map(
    NAMES.flatMap((name) =>
      FORMS.map((form): [string, Template] => {
        const file = `${name}.${form}`
        const sources = { part: (part: string) => readIfThere(join(EMAIL_TEMPLATES, part)), text: texts.source }
        try {
          return [file, compileTemplate(file, { ...sources, escape: ESCAPES[form] })]
        } catch (cause) {
          throw wrong(join('templates/email', file), cause instanceof Error ? cause.message : String(cause))
        }
      }),
    ),
  )
}

type OwnTemplate = (saying: Saying) => string

/** Undefined when there is none. What it says is put in escaped: Go's templates escape by themselves, these don't. */
function ownTemplate(folder: string, name: MailName, form: Form, texts: Texts): OwnTemplate | undefined {
  const path = join(folder, `${OVERRIDES[name]}.${form}`)
  const source = readIfThere(path)
  if (source === undefined) return undefined
  const harmless = ESCAPES[form]
  const asValue = (value: Saying['authelia'][string]): string | Dict =>
    typeof value === 'string'
      ? harmless(value)
      : new Dict(Object.entries(value).map(([key, text]) => [harmless(key), harmless(text)] as const))
  const template: OwnTemplate = ({ authelia }) => {
    const data = new Dict(Object.entries(authelia).map(([key, value]) => [key, asValue(value)] as const))
    const world = { env: {}, cwd: folder, now: Date.now(), onFileRead: () => {} }
    const rendered = renderTemplate(source, path, world, data)
    if (rendered.kind === 'invalid') {
      const [{ message, position }] = rendered.problems
      throw wrong(`${path}${position ? `:${position.line}` : ''}`, message)
    }
    return rendered.text
  }
  // Told now, and never afterwards: what a name or a device is called must not keep a mail from being sent.
  for (const mail of SAMPLES.filter((sample) => sample.name === name)) {
    const text = template(sayingOf(mail, texts))
    if (text.includes('<no value>')) throw wrong(path, 'it asks for something that mails of this kind do not have')
    if (text.trim() === '') throw wrong(path, 'nothing is in it')
  }
  return template
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw wrong(path, `it can't be read (${code})`)
  }
}

const wrong = (place: string, what: string): Fault =>
  new Fault('mail-template', `The template for mails ${place} can't be used: ${what.replace(/\.$/, '')}.`, {
    hint: 'Mend it, or take it away: ours takes its place.',
  })
