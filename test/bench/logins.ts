// Many people sign in at once, over and over: what that takes in memory, what the gate's visitors notice of it (the gate is asked at a fixed rate:
// eight connections, each waiting 8 ms before its next request, some 900 a second; alone and with the logins in turn), and how many get in, against
// a program that only hashes.
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { atLeast, atMost, type Measurement, median, using } from './measurement.ts'
import { appliance, GATE, gateRequests, PASSWORD, userName } from './scene.ts'
import { wrk } from './wrk.ts'

/** What src/directory/hash-queue.ts computes at once. */
const HASHES_AT_ONCE = Math.min(2, Math.max(1, availableParallelism() - 1))

export const logins: Measurement = async (bench) => [
  ...(await manyLogins(50, 400)(bench)),
  ...(await manyLogins(200, 400)(bench)),
  ...(await throughput(bench)),
]

/** Logins a second ÷ bare hashes a second, with the same parameters and as many at once. */
const throughput: Measurement = async ({ scene, rounds, seconds }) => {
  const server = await appliance(scene, 'throughput', { isPinned: false })
  return using([server], async () => {
    const url = `http://127.0.0.1:${server.port}`
    const length = Math.max(seconds, 3) * 2
    const ofLogins: number[] = []
    const ofHashes: number[] = []
    for (let round = 0; round < rounds; round++) {
      ofHashes.push(await bareHashes(scene.hash, length))
      ofLogins.push(await loginsPerSecond(url, length))
    }
    const ratio = median(ofLogins.map((value, i) => value / (ofHashes[i] ?? Number.NaN)))
    const context = `${median(ofLogins).toFixed(1)} and ${median(ofHashes).toFixed(1)} a second, ${HASHES_AT_ONCE} at once`
    return [atLeast('logins ÷ bare hashes', 0.9, { ratio, context })]
  })
}

async function bareHashes(hash: string, seconds: number): Promise<number> {
  const flags = { hash, password: PASSWORD, seconds, atOnce: HASHES_AT_ONCE }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bare-hashes.ts'), ...args])
  return Number(stdout)
}

async function loginsPerSecond(url: string, seconds: number): Promise<number> {
  let over = false
  let signedIn = 0
  const people = Array.from({ length: 50 }, async (_, i) => {
    while (!over) if ((await signIn(url, i)) === 200) signedIn++
  })
  // Until everybody waits in the queue.
  await wait(2000)
  const before = signedIn
  const begun = performance.now()
  await wait(seconds * 1000)
  const rate = (signedIn - before) / ((performance.now() - begun) / 1000)
  over = true
  await Promise.all(people)
  return rate
}

const manyLogins =
  (atOnce: number, megabytes: number): Measurement =>
  async ({ scene, rounds, seconds }) => {
    const server = await appliance(scene, `logins-${atOnce}`, { isPinned: false })
    const url = `http://127.0.0.1:${server.port}`
    const headers = gateRequests(scene, 1)
    const load = {
      url: url + GATE,
      headers,
      // Some ten delays a second decide about a p99 at this rate: in a short while chance does.
      seconds: Math.max(seconds, 8),
      connections: 8,
      pause: 8,
      folder: scene.folder,
    }
    return using([server], async () => {
      await wrk(load)
      const ratios: number[] = []
      const alone: number[] = []
      const meanwhile: number[] = []
      let peak = 0
      let signedIn = 0
      let turnedAway = 0
      const duringLogins = async (measure: () => Promise<void>): Promise<void> => {
        let over = false
        const people = Array.from({ length: atOnce }, async (_, i) => {
          while (!over) {
            if ((await signIn(url, i)) === 200) signedIn++
            else turnedAway++
          }
        })
        await measure()
        over = true
        await Promise.all(people)
      }
      for (let round = 0; round < rounds; round++) {
        const before = await wrk(load)
        await duringLogins(async () => {
          const during = await wrk(load)
          alone.push(before.p99)
          meanwhile.push(during.p99)
          ratios.push(during.p99 / before.p99)
          if (before.errors + during.errors > 0) throw new Error('the gate failed to answer')
        })
      }
      // By itself: to look so often takes time that the gate's answers would be late by.
      await duringLogins(async () => {
        const watching = setInterval(() => {
          peak = Math.max(peak, server.memory())
        }, 20)
        await wrk(load)
        clearInterval(watching)
      })
      if (signedIn === 0) throw new Error('nobody could sign in')
      const p99 = `p99 ${median(alone).toFixed(2)} ms alone, ${median(meanwhile).toFixed(2)} ms meanwhile`
      const people = `${signedIn} signed in, ${turnedAway} turned away; ${server.memory().toFixed(0)} MB right afterwards`
      return [
        atMost(`${atOnce} logins at once: memory of all processes`, megabytes, peak, 'MB', people),
        atMost(`${atOnce} logins at once: p99 of the gate`, 3, median(ratios), '× its p99 alone', p99),
      ]
    })
  }

async function signIn(url: string, i: number): Promise<number> {
  const response = await fetch(`${url}/api/firstfactor`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Origin: 'https://auth.example.com',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'auth.example.com',
      'X-Forwarded-For': `192.0.2.${i}`,
    },
    body: JSON.stringify({ username: userName(i), password: PASSWORD, keepMeLoggedIn: false }),
  })
  await response.arrayBuffer()
  return response.status
}
