// Which Latchkey this is, as package.json says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** From src/base and dist/base alike. */
const root = join(import.meta.dirname, '..', '..')

export const VERSION: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
