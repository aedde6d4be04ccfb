// The table of browsers in memory, as the portal's tests need it.
import type { BrowsersRepository, KnownBrowser } from '../../src/storage/storage.ts'

export function memoryBrowsers(): BrowsersRepository {
  const browsers = new Map<string, KnownBrowser>()
  const networks = new Set<string>()
  const keyOf = (id: string, username: string): string => JSON.stringify([id, username])
  return {
    isKnown: async (id) => [...browsers.values()].some((browser) => browser.id === id),
    find: async (id, username) => browsers.get(keyOf(id, username)),
    list: async (username) => [...browsers.values()].filter((browser) => browser.username === username),
    async see({ now, ...browser }) {
      const key = keyOf(browser.id, browser.username)
      const place = JSON.stringify([browser.username, browser.network])
      const known = browsers.get(key)
      const sighting = {
        isFirst: [...browsers.values()].every(({ username }) => username !== browser.username),
        isNewBrowser: known === undefined,
        isNewNetwork: !networks.has(place),
      }
      networks.add(place)
      browsers.set(key, { firstSeen: now, trustedUntil: undefined, ...known, ...browser, lastSeen: now })
      return sighting
    },
    async trust({ now, ...browser }, until) {
      const key = keyOf(browser.id, browser.username)
      browsers.set(key, { firstSeen: now, ...browsers.get(key), ...browser, lastSeen: now, trustedUntil: until })
    },
    async distrust(username, id) {
      const trusted = [...browsers].filter(
        ([, browser]) =>
          browser.username === username &&
          browser.trustedUntil !== undefined &&
          (id === undefined || browser.id === id),
      )
      for (const [key, browser] of trusted) browsers.set(key, { ...browser, trustedUntil: undefined })
      return trusted.length
    },
    prune: async () => 0,
  }
}
