// A page of docs/: its fenced blocks with what their first line says, and its links.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export interface Block {
  /** The word after the fence: sh, yaml, text … */
  readonly language: string
  /** What stands behind it: `fresh`, `by-hand`, `fails`, or a file name. */
  readonly mark: string
  readonly text: string
  /** Of its first line, counted from 1. */
  readonly line: number
}

/** The pages that people wrote, by their paths below the project's folder. */
export const WRITTEN_PAGES = [
  ...globSync('docs/*.md', { cwd: root }),
  ...globSync('docs/how-to/*.md', { cwd: root }),
].sort()
export const ALL_PAGES = globSync('docs/**/*.md', { cwd: root }).sort()

export const pageText = (page: string): string => readFileSync(join(root, page), 'utf8')

/** @throws Error when a fence is never closed */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { language: string; mark: string; line: number; lines: string[] } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^```(\S*) ?(.*)$/.exec(line)
    if (open && fence) {
      const { lines, ...rest } = open
      blocks.push({ ...rest, text: lines.join('\n') })
      open = undefined
    } else if (fence) open = { language: fence[1] ?? '', mark: fence[2] ?? '', line: i + 2, lines: [] }
    else open?.lines.push(line)
  }
  if (open) throw new Error(`the block at line ${open.line} is never closed`)
  return blocks
}

/** Targets of links and pictures outside of code, without those of other sites. */
export function linksOf(text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((link) => !/^https?:/.test(link))
}

/** As GitHub makes them from headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, words]) =>
      (words ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
