// Makes a folder with those above it that are missing.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Node's own recursive mkdir never ends where a folder can't be made for want of anything but rights, as in /proc. @param mode of what is made */
export function makeFolder(folder: string, mode: number): void {
  if (existsSync(folder)) return
  makeFolder(dirname(resolve(folder)), mode)
  mkdirSync(folder, { mode })
}
