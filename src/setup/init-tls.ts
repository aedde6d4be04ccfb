// The certificate of a new installation: an authority that vouches for this one domain, and a leaf from it for the proxy.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { readBounded } from '../base/read-bounded.ts'
import { issueLeaf, makeAuthority } from '../certs/authority.ts'
import type { Answers } from './answers.ts'
import type { InitFile } from './init-files.ts'

/** Ten years; whoever trusts it does so by hand. */
const AUTHORITY_DAYS = 3650
/** One less than browsers allow (CA/Browser Forum baseline requirements §6.3.2). */
const LEAF_DAYS = 397
const DAY = 86_400_000
/** Bytes of a file to be looked at. */
const MAX_PEM = 1024 * 1024

/** A certificate that is there already and still good for these hosts stays: people trust its authority. */
export async function tlsFiles(answers: Answers, clock: Clock): Promise<InitFile[]> {
  const { domain, portalHost, applications } = answers
  const now = clock.now()
  const keep = isStillGood(answers, now)
  const authority = await makeAuthority(`Latchkey, ${domain}`, isIP(domain) ? [] : [domain], {
    now,
    days: AUTHORITY_DAYS,
  })
  const names = [...new Set([domain, `*.${domain}`, portalHost, ...applications.map(({ host }) => host)])]
  const leaf = await issueLeaf(authority, { dns: names }, { now, days: LEAF_DAYS })
  const chain = `${leaf.certificate.trimEnd()}\n${authority.certificate.trimEnd()}\n`
  const files = [
    { path: 'tls/ca.crt', text: withNewline(authority.certificate), mode: 0o644 },
    { path: 'tls/ca.key', text: withNewline(authority.privateKey), mode: 0o600 },
    { path: 'tls/tls.crt', text: chain, mode: 0o644 },
    { path: 'tls/tls.key', text: withNewline(leaf.privateKey), mode: 0o600 },
    // Certificate and key in one file, as HAProxy and hitch want it.
    { path: 'tls/tls.pem', text: `${chain}${withNewline(leaf.privateKey)}`, mode: 0o600 },
  ]
  return files.map((file) => ({ ...file, keep }))
}

function isStillGood({ folder, portalHost, applications }: Answers, now: number): boolean {
  try {
    const read = (name: string): string => String(readBounded(join(folder, 'tls', name), MAX_PEM))
    const certificate = new X509Certificate(read('tls.crt'))
    return (
      new Date(certificate.validTo).getTime() > now + 30 * DAY &&
      [portalHost, ...applications.map(({ host }) => host)].every(
        (host) => certificate.checkHost(host) !== undefined,
      ) &&
      certificate.checkPrivateKey(createPrivateKey(read('tls.key')))
    )
  } catch {
    // Missing or unusable: a new one is made.
    return false
  }
}

const withNewline = (pem: string): string => `${pem.trimEnd()}\n`
