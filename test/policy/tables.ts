// The tables of cases in `tables/`, with the rules that each brings along.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import type { Requirement } from '../../src/policy/model.ts'
import type { WrittenRule } from './fixture.ts'

export interface Table {
  readonly name: string
  readonly default_policy?: Requirement
  readonly networks?: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly WrittenRule[]
}

export const TABLES = join(import.meta.dirname, 'tables')
export const tableFiles = (): readonly string[] => readdirSync(TABLES).map((name) => join(TABLES, name))

export const tablesIn = (files: readonly string[] = tableFiles()): readonly Table[] =>
  files.flatMap((file) => load(readFileSync(file, 'utf8')) as readonly Table[])
