// Where somebody came from and wants to return to: `rd` and `rm` of the address or the form, checked once.
import { type RedirectTarget, redirectTarget } from '../login/redirect-target.ts'
import type { Visit } from './visit.ts'

export interface WayBack {
  /** Safe, and not the portal itself; undefined otherwise. */
  readonly target: RedirectTarget | undefined
  /** Method of the request that was sent here, A-Z; GET when it wasn't told. */
  readonly method: string
  /** There was an `rd`, and it isn't safe. */
  readonly refused: boolean
}

/** To nowhere in particular. */
export const NO_WAY: WayBack = { target: undefined, method: 'GET', refused: false }

/** @param source query or form; a value given twice counts as unsafe */
export function wayBackOf(visit: Visit, source: Readonly<Record<string, unknown>>): WayBack {
  const { rd, rm } = source
  const method = typeof rm === 'string' && /^[A-Z]{1,20}$/.test(rm) ? rm : 'GET'
  if (rd === undefined || rd === '') return { target: undefined, method, refused: false }
  const target = redirectTarget(
    rd,
    visit.settings.cookies.map(({ domain }) => domain),
  )
  // Sending somebody from the portal to the portal is no way back but a loop.
  if (target && isPortal(visit, target)) return { target: undefined, method, refused: false }
  return { target, method, refused: target === undefined }
}

const isPortal = (visit: Visit, target: RedirectTarget): boolean =>
  target.host === visit.host ||
  visit.settings.cookies.some(({ portalUrl }) => portalUrl && URL.parse(portalUrl)?.hostname === target.host)

/** The same as fields of a query or form: what was checked, not what was sent. */
export const wayBackFields = (way: WayBack): { rd: string; rm: string } => ({
  rd: way.target?.url ?? '',
  rm: way.target ? way.method : '',
})

/** What a page says of it, and keeps in its form. */
export const wayBackValues = (way: WayBack) => ({
  ...wayBackFields(way),
  destination: way.target?.hostWithPort,
  refusedDestination: way.refused,
})

/** `path` with the way back in its query, and `extra` behind it. */
export function withWayBack(path: string, way: WayBack, extra: Readonly<Record<string, string>> = {}): string {
  const { rd, rm } = wayBackFields(way)
  const query = new URLSearchParams({ ...(rd ? { rd, rm } : {}), ...extra }).toString()
  return query ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path
}
