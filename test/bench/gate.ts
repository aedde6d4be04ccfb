// The gate by itself: against a bare server, and with many rules against few.
import { atLeast, compare, type Measurement, using } from './measurement.ts'
import { LOAD_CORE } from './program.ts'
import { appliance, bareServer, GATE, gateRequests } from './scene.ts'

const CONNECTIONS = 32

export const gateAgainstBareServer: Measurement = async (bench) => {
  const gate = await appliance(bench.scene, 'few-rules')
  const bare = await bareServer(bench.scene)
  const headers = gateRequests(bench.scene, 1)
  return using([gate, bare], async () => {
    const a = { url: `http://127.0.0.1:${gate.port}${GATE}`, headers }
    const b = { url: `http://127.0.0.1:${bare.port}${GATE}`, headers }
    return [atLeast('gate ÷ bare server', 0.85, await compare(bench, a, b, CONNECTIONS, LOAD_CORE))]
  })
}

export const manyRulesAgainstFew: Measurement = async (bench) => {
  const many = await appliance(bench.scene, 'many-rules', { hosts: 1000 })
  const few = await appliance(bench.scene, 'few-rules')
  return using([many, few], async () => {
    const a = { url: `http://127.0.0.1:${many.port}${GATE}`, headers: gateRequests(bench.scene, 1000) }
    const b = { url: `http://127.0.0.1:${few.port}${GATE}`, headers: gateRequests(bench.scene, 1) }
    return [atLeast('10,000 rules ÷ 10 rules', 0.95, await compare(bench, a, b, CONNECTIONS, LOAD_CORE))]
  })
}
