// The table of browsers in memory, as the portal's tests need it.
import type { BrowsersRepository, KnownBrowser } from '../../src/storage/browsers.ts'

export function memoryBrowsers(): BrowsersRepository {
  const browsers = new Map<string, KnownBrowser>()
  const networks = new Set<string>()
  const stamps = new Map<string, string>()
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
      const newLately = [...browsers.values()].filter(
        (one) => one.username === browser.username && one.firstSeen > now - 3_600_000,
      ).length
      return { ...sighting, newLately }
    },
    async rename(id, newId) {
      for (const [key, browser] of [...browsers].filter(([, known]) => known.id === id)) {
        const newKey = keyOf(newId, browser.username)
        browsers.delete(key)
        browsers.set(newKey, { ...browser, id: newId })
        const stamp = stamps.get(key)
        if (stamp !== undefined) stamps.set(newKey, stamp)
      }
    },
    async isTrusted(id, username, stamp, { after, latest }) {
      const key = keyOf(id, username)
      const until = browsers.get(key)?.trustedUntil
      return until !== undefined && until > after && until <= latest && stamps.get(key) === stamp
    },
    async trust({ now, ...browser }, until, stamp) {
      const key = keyOf(browser.id, browser.username)
      browsers.set(key, { firstSeen: now, ...browsers.get(key), ...browser, lastSeen: now, trustedUntil: until })
      stamps.set(key, stamp)
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
