// Apache's configuration as virtual hosts with their lines, includes put in place. Judges nothing.
import { Fault } from '../../base/fault.ts'
import type { Findings, Place } from './finding.ts'
import type { Source, Sources } from './source.ts'

export interface Line extends Place {
  readonly name: string
  readonly args: readonly string[]
  /** Sections around it, outermost first, as `<Location "/">` is written. */
  readonly around: readonly string[]
}
export interface Host extends Place {
  readonly lines: readonly Line[]
}

/** A file without virtual hosts is one. @throws Fault `proxy-file` for a file that isn't Apache's */
export function hostsOf(source: Source, findings: Findings, sources: Sources): readonly Host[] {
  const lines = linesOf(source, findings, sources, 0)
  const inHosts = Map.groupBy(
    lines.filter(({ around }) => around.some(isHost)),
    ({ around, file }) => `${file} ${around.find(isHost)}`,
  )
  if (inHosts.size === 0) return lines.length > 0 ? [{ file: source.path, line: 1, lines }] : []
  return [...inHosts.values()].map((own) => ({
    file: own[0]?.file ?? source.path,
    line: Number(/#(\d+)$/.exec(own[0]?.around.find(isHost) ?? '')?.[1] ?? 1),
    lines: own,
  }))
}
const isHost = (section: string): boolean => /^<virtualhost\b/i.test(section)

function linesOf(source: Source, findings: Findings, sources: Sources, depth: number): readonly Line[] {
  const around: string[] = []
  const found: Line[] = []
  const file = source.path
  const raw = source.text.split('\n')
  for (let i = 0; i < raw.length; i++) {
    const line = i + 1
    let text = raw[i] ?? ''
    while (text.endsWith('\\') && i + 1 < raw.length) text = `${text.slice(0, -1)} ${raw[++i]}`
    text = text.trim()
    if (text === '' || text.startsWith('#')) continue
    if (text.startsWith('</')) {
      if (around.length === 0) throw notApache(file, line, `${text} closes nothing`)
      around.pop()
    } else if (text.startsWith('<')) {
      around.push(`${text} #${line}`)
      const [, name = '', value = ''] = /^<(\w+)\s*([^>]*)>?$/.exec(text) ?? []
      found.push({
        file,
        line,
        name: `<${name.toLowerCase()}`,
        args: [value.replace(/^["']|["']$/g, '')],
        around: [...around],
      })
    } else {
      const [name = '', ...args] = (text.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? []).map((word) =>
        word.replace(/^"([\s\S]*)"$/, '$1'),
      )
      if (!/^\w+$/.test(name) || args.at(-1) === '{')
        throw notApache(file, line, `${JSON.stringify(name)} is no directive`)
      const included = /^include(?:optional)?$/i.test(name) ? sources.find(args[0] ?? '', file) : undefined
      if (/^include/i.test(name) && !included && !/mods-|conf-enabled|\/mods/.test(args[0] ?? ''))
        findings.advice(
          'unread',
          { file, line },
          `The include ${args[0]} could not be read.`,
          'Check it together with this file: give it with another --check.',
        )
      for (const inner of depth < 10 ? (included ?? []) : [])
        found.push(
          ...linesOf(inner, findings, sources, depth + 1).map((each) => ({
            ...each,
            around: [...around, ...each.around],
          })),
        )
      found.push({ file, line, name: name.toLowerCase(), args, around: [...around] })
    }
  }
  if (around.length > 0) throw notApache(file, raw.length, `${around.at(-1)?.replace(/ #\d+$/, '')} is not closed`)
  return found
}

function notApache(file: string, line: number, why: string): Fault {
  return new Fault('proxy-file', `${file}:${line}: this is not Apache’s language: ${why}.`, {
    hint: '`apachectl configtest` says the same, if it is meant for Apache.',
  })
}
