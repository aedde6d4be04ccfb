// Parameters of the server's action `reload`.
import { paramsOf, wrong } from './params.ts'

/**
 * @param params `{ keepSessionsOf? }`: users who have been given another password and stay signed in all the same
 * @throws Fault `admin-parameters`
 */
export function keepSessionsOf(params: unknown): readonly string[] {
  const names = paramsOf(params)['keepSessionsOf'] ?? []
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  throw wrong('keepSessionsOf', 'a list of names')
}
