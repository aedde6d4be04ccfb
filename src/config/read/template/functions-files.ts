// Functions that look outside of the template: environment, files, paths.
import { globSync, lstatSync, readdirSync } from 'node:fs'
import { basename, extname, isAbsolute, join, posix, resolve } from 'node:path'
import { RE2JS } from 're2js'
import { readBounded } from '../../../base/read-bounded.ts'
import { expandEnv } from '../expand-env.ts'
import { reasonOf } from '../find-files.ts'
import { withoutFinalNewlines } from '../secret-files.ts'
import { isSecretVariable, visibleVariable } from '../visible-environment.ts'
import { MAX_TEXT } from './budget.ts'
import { define, type TemplateFunction, text, type World } from './call.ts'
import { TemplateError } from './template-error.ts'
import { compareText, FoundFile, textList, type Value } from './value.ts'

const paths = {
  isAbs: define(['text'], ([path]) => isAbsolute(text(path))),
  base: define(['text'], ([path]) => base(text(path))),
  dir: define(['text'], ([path]) => directory(text(path))),
  ext: define(['text'], ([path]) => extension(text(path))),
  clean: define(['text'], ([path]) => clean(text(path))),
}

export const FILE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  env: define(['text'], ([name], { env }) => visibleVariable(env, text(name)) ?? ''),
  mustEnv: define(['text'], ([name], { env }) => {
    if (isSecretVariable(text(name))) return ''
    const value = visibleVariable(env, text(name))
    if (value !== undefined) return value
    throw new TemplateError(`the environment variable ${text(name)} is not set`, { hint: 'Set it, or use env.' })
  }),
  expandenv: define(['text'], ([value], { env, budget }) => {
    const expanded = expandEnv(text(value), env)
    budget.text(expanded.length)
    return expanded
  }),
  fileContent: define(['text'], ([path], world) => readText(text(path), world)),
  secret: define(['text'], ([path], world) => withoutFinalNewlines(readText(text(path), world))),
  glob: define(['text'], ([pattern], world) => textList(glob(text(pattern), world))),
  walk: define(['text', 'text', 'boolean'], ([root, pattern, skip], world) =>
    walk(text(root), text(pattern), skip === true, world),
  ),
  ...paths,
  osIsAbs: paths.isAbs,
  osBase: paths.base,
  osDir: paths.dir,
  osExt: paths.ext,
  osClean: paths.clean,
}

function readText(path: string, { cwd, onFileRead, budget }: World): string {
  const full = resolve(cwd, path)
  onFileRead(full)
  try {
    const bytes = readBounded(full, MAX_TEXT)
    if (!bytes) throw new TemplateError(`the file ${path} is too large`)
    const content = bytes.toString('utf8')
    budget.text(content.length)
    return content
  } catch (error) {
    if (error instanceof TemplateError) throw error
    throw new TemplateError(`the file ${path} can't be read: ${reasonOf(error)}`, {
      hint: 'Paths are relative to the working directory.',
    })
  }
}

/** As Go's filepath.Glob: `*`, `?` and classes within one level of folders; nothing is special about hidden files. */
function glob(pattern: string, { cwd, budget }: World): string[] {
  if (/\[[^\]]*$/.test(pattern)) throw new TemplateError('glob: a [ is not closed in the pattern')
  const found = globSync(pattern.replace(/\*+/g, '*'), { cwd })
  budget.step(found.length)
  return found.sort(compareText)
}

/** Everything below a folder whose absolute path the expression fits, in the order of Go's filepath.Walk. */
function walk(root: string, pattern: string, skipDirectories: boolean, world: World): Value[] {
  let expression: ReturnType<typeof RE2JS.compile>
  try {
    expression = RE2JS.compile(pattern)
  } catch {
    throw new TemplateError('walk: the expression is not valid')
  }
  const found: Value[] = []
  const visit = (path: string, depth: number) => {
    world.budget.step()
    world.budget.depth(depth)
    const full = resolve(world.cwd, path)
    const isDirectory = lstatSync(full, { throwIfNoEntry: false })?.isDirectory() ?? false
    if (!(isDirectory && skipDirectories) && expression.matcher(full).find())
      found.push(new FoundFile(basename(path) || '.', path, full))
    if (isDirectory) for (const name of readdirSync(full).sort(compareText)) visit(join(path, name), depth + 1)
  }
  try {
    visit(root, 0)
  } catch (error) {
    if (error instanceof TemplateError) throw error
    throw new TemplateError(`walk: ${root} can't be read: ${reasonOf(error)}`)
  }
  return found
}

/** Go's path.Clean: no trailing slash, `.` for nothing. */
function clean(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

function base(path: string): string {
  if (path === '') return '.'
  return posix.basename(path) || '/'
}

function directory(path: string): string {
  return clean(path.slice(0, path.lastIndexOf('/') + 1))
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name.includes('.') ? name.slice(name.lastIndexOf('.')) : extname('')
}
