// Which Latchkey this is, from the package.json that stands beside src/ and dist/ alike.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}
