// Fifty people sign in at once, over and over: what that takes in memory, and what the gate's visitors notice of it. The gate is asked at a fixed
// rate (eight connections, each waiting 8 ms before its next request: some 900 a second), alone and with the logins in turn.
import { atMost, type Measurement, median, using } from './measurement.ts'
import { appliance, GATE, gateRequests, PASSWORD, userName } from './scene.ts'
import { wrk } from './wrk.ts'

const AT_ONCE = 50

export const logins: Measurement = async ({ scene, rounds, seconds }) => {
  const server = await appliance(scene, 'logins', { core: undefined })
  const url = `http://127.0.0.1:${server.port}`
  const headers = gateRequests(scene, 1)
  const load = {
    url: url + GATE,
    headers,
    seconds: Math.max(seconds, 3),
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
    for (let round = 0; round < rounds; round++) {
      const before = await wrk(load)
      let over = false
      const watching = setInterval(() => {
        peak = Math.max(peak, server.memory())
      }, 20)
      const people = Array.from({ length: AT_ONCE }, async (_, i) => {
        while (!over) {
          if ((await signIn(url, i)) === 200) signedIn++
          else turnedAway++
        }
      })
      const during = await wrk(load)
      over = true
      await Promise.all(people)
      clearInterval(watching)
      alone.push(before.p99)
      meanwhile.push(during.p99)
      ratios.push(during.p99 / before.p99)
      if (before.errors + during.errors > 0) throw new Error('the gate failed to answer')
    }
    if (signedIn === 0) throw new Error('nobody could sign in')
    const p99 = `p99 ${median(alone).toFixed(2)} ms alone, ${median(meanwhile).toFixed(2)} ms meanwhile`
    const people = `${signedIn} signed in, ${turnedAway} turned away; ${server.memory().toFixed(0)} MB right afterwards`
    return [
      atMost(`${AT_ONCE} logins at once: memory of all processes`, 400, peak, 'MB', people),
      atMost(`${AT_ONCE} logins at once: p99 of the gate`, 3, median(ratios), '× its p99 alone', p99),
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
