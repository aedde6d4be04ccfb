// Parameters of administrative actions as they come through the socket: unknown values, read once.
import { Fault } from '../base/fault.ts'

export type Params = Readonly<Record<string, unknown>>

/** @throws Fault `admin-parameters` when they are no object */
export function paramsOf(value: unknown): Params {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Params
  throw wrong('parameters', 'an object')
}

/** @throws Fault `admin-parameters` when it is missing, empty or no text */
export function text(params: Params, name: string): string {
  const value = optionalText(params, name)
  if (value === undefined || value === '') throw wrong(name, 'text')
  return value
}

/** @throws Fault `admin-parameters` */
export function optionalText(params: Params, name: string): string | undefined {
  const value = params[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw wrong(name, 'text')
}

/** @throws Fault `admin-parameters` */
export function optionalTexts(params: Params, name: string): readonly string[] | undefined {
  const value = params[name] ?? undefined
  if (value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'))) return value
  throw wrong(name, 'a list of texts')
}

/** A whole number from 0. @throws Fault `admin-parameters` */
export function optionalCount(params: Params, name: string): number | undefined {
  const value = params[name] ?? undefined
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0)) return value as number | undefined
  throw wrong(name, 'a whole number')
}

/** @throws Fault `admin-parameters` */
export function optionalSwitch(params: Params, name: string): boolean | undefined {
  const value = params[name] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw wrong(name, 'true or false')
}

/** @throws Fault `admin-parameters` */
export function oneOf<T extends string>(params: Params, name: string, values: readonly T[]): T {
  const value = values.find((some) => some === params[name])
  if (value !== undefined) return value
  throw wrong(name, `one of ${values.join(', ')}`)
}

/** @throws Fault `admin-parameters` */
export function list(params: Params, name: string): readonly Params[] {
  const value = params[name]
  if (Array.isArray(value)) return value.map(paramsOf)
  throw wrong(name, 'a list')
}

/** A list of texts, none of them empty. @throws Fault `admin-parameters` */
export function texts(params: Params, name: string): readonly string[] {
  const value = params[name]
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')) return value as string[]
  throw wrong(name, 'a list of texts')
}

/** @param expected as it stands behind "must be" */
export function wrong(name: string, expected: string): Fault {
  return new Fault('admin-parameters', `${name} must be ${expected}.`, { exitCode: 2 })
}
