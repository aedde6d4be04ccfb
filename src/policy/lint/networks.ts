// Networks that say nothing, or other than they seem to.
import { parseNetwork } from '../../base/ip-address.ts'
import { type Finding, quoted } from './finding.ts'
import type { LintedRule } from './lint.ts'

const EVERYWHERE = new Set(['0.0.0.0/0', '::/0'])

export function lintNetworks({ config, networks, pieces, find }: LintedRule): readonly Finding[] {
  const findings: Finding[] = []
  if (pieces.networks?.length === 0)
    findings.push(
      find(
        'never-matches',
        '/networks',
        `rule ${pieces.rule.number} matches nothing: its networks have no addresses`,
        'Give the named network its addresses.',
      ),
    )
  for (const [i, entry] of config.networks.entries()) {
    const at = `/networks/${i}`
    const named = Object.hasOwn(networks, entry) ? (networks[entry] ?? []) : undefined
    const meant = named ?? [parseNetwork(entry)].filter((one) => one !== undefined)
    const everywhere = meant.find((network) => EVERYWHERE.has(network.text))
    if (everywhere !== undefined) {
      const family = everywhere.family === 4 ? 'IPv4' : 'IPv6'
      const message = `${quoted(entry)} is every ${family} address, so it restricts nothing`
      findings.push(find('network-everywhere', at, message, 'Name the networks that are meant, or remove `networks`.'))
    } else if (named === undefined && entry.includes('/')) {
      const [address] = entry.split('/')
      const first = meant[0]?.text
      if (first?.split('/')[0] !== parseNetwork(address ?? '')?.text.split('/')[0])
        findings.push(
          find(
            'network-host-bits',
            at,
            `${quoted(entry)} means the whole of ${first}`,
            'Write that, or the single address without "/".',
          ),
        )
    }
  }
  return findings
}
