// A finding as a compiler would print it: where, what; below it why it matters and what to do.
import type { Finding } from '../../setup/proxy-check/finding.ts'

export function findingText({ file, line, severity, code, what, why, fix }: Finding): string {
  return `${file}:${line}  ${severity}  ${what} [${code}]\n    Why: ${why}\n    Fix: ${fix}`
}
