// A page of our own to go on with once something has been proven: `for` of an address or form, checked once.
import { type WayBack, withWayBack } from './way-back.ts'

const MAX_LENGTH = 4096

/** '' for what isn't a plain path of this portal, with a query at most: no other host, no dots, nothing encoded in the path. */
export const goOnOf = (value: unknown): string =>
  typeof value === 'string' && value.length <= MAX_LENGTH && /^(?:\/[a-z0-9-]+)+(?:\?[\w.~*%+=&-]*)?$/.test(value)
    ? value
    : ''

/** `path` with the page to go on with in its query; the way back goes along. */
export const withGoOn = (path: string, way: WayBack, goOn: string): string =>
  withWayBack(path, way, goOn === '' ? {} : { for: goOn })
