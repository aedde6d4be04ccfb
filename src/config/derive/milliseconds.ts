// A validated duration in milliseconds.
import { parseDuration } from '../format/duration.ts'

/** @throws Error where the text was never validated */
export function milliseconds(value: string | number): number {
  const parsed = parseDuration(value)
  if (parsed === undefined) throw new Error('unvalidated duration')
  return parsed
}
