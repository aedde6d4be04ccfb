// Secrets given as a file (`AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE`): the last layer, which may fill a gap but never override.
import { resolve } from 'node:path'
import { readBounded } from '../../base/read-bounded.ts'
import { type Node, nodeAt, stringNode } from '../../yaml/node.ts'
import type { Problem } from '../../yaml/problem.ts'
import { type SecretFile, variablePosition } from './environment.ts'
import { reasonOf } from './find-files.ts'
import { mergeNodes, treeOf } from './merge.ts'

/** A secret of this size is a wrong path. */
const MAX_SECRET_BYTES = 1024 * 1024

export interface SecretsLayer {
  readonly root: Node
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
}

/** @param root all other layers, merged. What it holds as a non-empty text is an error, not overwritten. */
export function applySecretFiles(root: Node, secrets: readonly SecretFile[], cwd: string): SecretsLayer {
  const problems: Problem[] = []
  const files: string[] = []
  let merged = root
  for (const { path, file, variable } of secrets) {
    const key = path.join('.')
    const error = (code: string, message: string, hint: string) =>
      problems.push({ severity: 'error', code, message, hint, path: key, position: variablePosition(variable) })
    const present = nodeAt(root, path)
    if (present?.kind === 'scalar' && present.type === 'string' && present.value !== '') {
      const { file: where, line } = present.position
      const place = where.startsWith('$') ? where.slice(1) : `${where}:${line}`
      error('secret-defined-twice', `${key} is set by ${variable} and by ${place} too.`, 'Remove one of them.')
      continue
    }
    if (file === '') {
      error('secret-file', `${variable} names no file.`, 'Give it the path of the file that holds the secret.')
      continue
    }
    files.push(file)
    const content = readSecret(resolve(cwd, file))
    if (content.kind === 'failed') {
      error('secret-file', `The file ${file} for ${key} can't be read: ${content.reason}.`, `Check ${variable}.`)
      continue
    }
    merged = mergeNodes(merged, treeOf(path, stringNode(content.text, { file, line: 1, column: 1 })))
  }
  return { root: merged, files, problems }
}

type Secret = { readonly kind: 'read'; readonly text: string } | { readonly kind: 'failed'; readonly reason: string }

/** Trailing newlines go; carriage returns and blanks belong to the secret. */
function readSecret(path: string): Secret {
  try {
    const bytes = readBounded(path, MAX_SECRET_BYTES)
    if (!bytes) return { kind: 'failed', reason: 'it is larger than 1 MiB' }
    return { kind: 'read', text: withoutFinalNewlines(bytes.toString('utf8')) }
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) }
  }
}

export function withoutFinalNewlines(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end--
  return text.slice(0, end)
}
