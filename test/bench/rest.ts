// What the server takes when it has nothing to do: memory after its start and after a flood of strangers, and the time until it answers.
import { setTimeout as wait } from 'node:timers/promises'
import { atMost, type Measurement, median, using } from './measurement.ts'
import { LOAD_CORE } from './program.ts'
import { anonymousRequests, appliance, GATE } from './scene.ts'
import { wrk } from './wrk.ts'

export const memory: Measurement = async ({ scene, seconds }) => {
  const server = await appliance(scene, 'flooded')
  return using([server], async () => {
    await wait(3000)
    const atRest = server.memory()
    const flood = await wrk({
      url: `http://127.0.0.1:${server.port}${GATE}`,
      headers: anonymousRequests(20_000),
      seconds: seconds * 5,
      connections: 64,
      folder: scene.folder,
      ...(LOAD_CORE === undefined ? {} : { core: LOAD_CORE }),
    })
    const after = server.memory()
    await wait(15_000)
    return [
      atMost('memory at rest', 90, atRest, 'MB', 'three seconds after the start'),
      atMost(
        'memory after an anonymous flood',
        120,
        after,
        'MB',
        `${Math.round(flood.requestsPerSecond * seconds * 5)} requests; ${server.memory().toFixed(0)} MB 15 s later`,
      ),
    ]
  })
}

export const startTime: Measurement = async ({ scene, rounds }) => {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const server = await appliance(scene, 'started', { isPinned: false })
    // The first one fills the compile cache and the page cache, and loads what asks it.
    if (round > 0) times.push(server.started / 1000)
    await server.stop()
  }
  const context = `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)} s`
  return [atMost('from start to first answer', 0.5, median(times), 's', context)]
}
