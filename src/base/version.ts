// Which Latchkey this is, as package.json says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './package-folder.ts'

export const VERSION: string = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')).version
