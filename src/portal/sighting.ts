// A browser as it is seen by the portal, for the table of browsers.
import { coarseNetwork } from '../base/ip-address.ts'
import type { SeenBrowser } from '../storage/browsers.ts'
import type { Visit } from './visit.ts'

/** As much as is kept of what a browser says of itself. */
const USER_AGENT_LENGTH = 256

/** @param id `Browsers.idOf` */
export const sightOf = (visit: Visit, username: string, id: string, now: number): SeenBrowser => ({
  id,
  username,
  userAgent: visit.userAgent.slice(0, USER_AGENT_LENGTH),
  network: coarseNetwork(visit.clientAddress),
  now,
})
