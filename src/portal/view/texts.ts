// Where the pages lie that people see.
import { join } from 'node:path'
import { packageFolder } from '../../base/package-folder.ts'

export const TEMPLATES = join(packageFolder(), 'templates')

/** Absolute; what is in them is read anew with each configuration. */
export const TEMPLATE_FOLDERS: readonly string[] = ['portal', 'portal/static', 'locales'].map((name) =>
  join(TEMPLATES, name),
)
