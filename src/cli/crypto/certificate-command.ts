// What `crypto certificate rsa|ecdsa|ed25519 generate` and `… request` share: Authelia's flags, files and output.
import { X509Certificate } from 'node:crypto'
import { relative } from 'node:path'
import { Flags } from '@oclif/core'
import {
  EXTENDED_USAGES,
  HASHES,
  type Role,
  type Subject,
  signCertificate,
  signRequest,
} from '../../certs/certificate.ts'
import { describeKind, type KeyKind, type Keys, legacyPems, makeKeys, privatePem } from '../../certs/key-pair.ts'
import { type Names, readNames } from '../../certs/names.ts'
import { readAuthority } from '../../certs/read-authority.ts'
import { BaseCommand } from '../base-command.ts'
import { LONGEST_LEAF_DAYS, lifetimeText, type MadeFile, writeMade } from './certificate-flags.ts'
import {
  hashOf,
  type LifetimeFlags,
  lifetimeOf,
  type SubjectFlags,
  signingFiles,
  subjectOf,
  usagesOf,
} from './certificate-plan.ts'
import { keyFileFlags, legacyName } from './key-flags.ts'

const list = (description: string, more: object = {}) =>
  Flags.string({ multiple: true, multipleNonGreedy: true, delimiter: ',', description, ...more })

const commonFlags = {
  ...keyFileFlags,
  'common-name': Flags.string({ char: 'n', description: 'Common name; the first of --sans unless said.' }),
  sans: list('Host names and addresses it is for.', { helpValue: 'NAME' }),
  organization: list('Organization; Latchkey unless said.', { char: 'o' }),
  'organizational-unit': list('Organizational unit.'),
  country: list('Country, two letters.'),
  province: list('Province.'),
  locality: list('Locality.', { char: 'l' }),
  'street-address': list('Street address.', { char: 's' }),
  postcode: list('Postal code.', { char: 'p' }),
  signature: Flags.string({
    options: HASHES.map((hash) => hash.replace('-', '')),
    default: 'SHA256',
    description: 'Digest of the signature.',
  }),
  duration: Flags.string({
    description: 'How long it is valid, such as 90d; 1y unless said.',
    helpValue: 'DURATION',
    exclusive: ['not-after'],
  }),
  'not-before': Flags.string({
    description: 'When it begins: 2030-01-31, a time, seconds of Unix. Now, unless said.',
    helpValue: 'DATE',
  }),
  'not-after': Flags.string({ description: 'When it ends, instead of --duration.', helpValue: 'DATE' }),
}
interface CommonFlags extends SubjectFlags, LifetimeFlags {
  readonly directory: string
  readonly 'file.private-key': string
  readonly 'file.extension.legacy': string
  readonly legacy: boolean
  readonly force: boolean
  readonly signature: string
  readonly sans?: string[] | undefined
}

export const requestFlags = {
  ...commonFlags,
  'file.csr': Flags.string({ default: 'request.csr', description: 'File of the request.', helpValue: 'FILE' }),
}

export const generateFlags = {
  ...commonFlags,
  ca: Flags.boolean({ description: 'Make an authority.' }),
  'path.ca': Flags.string({
    description: 'Folder of the authority that signs; the certificate signs itself otherwise.',
    helpValue: 'FOLDER',
  }),
  'file.ca-certificate': Flags.string({
    description: "File of the authority's certificate; ca.public.crt or ca.crt unless said.",
    helpValue: 'FILE',
  }),
  'file.ca-private-key': Flags.string({
    description: 'File of its key; ca.private.pem or ca.key unless said.',
    helpValue: 'FILE',
  }),
  'file.certificate': Flags.string({
    default: 'public.crt',
    description: 'File of the certificate.',
    helpValue: 'FILE',
  }),
  'extended-usage': list(`What it is for: ${Object.keys(EXTENDED_USAGES).join(', ')}. ServerAuth unless said.`),
  bundles: list('Also write chain (certificate and authority) or priv-chain (key too).', {
    options: ['chain', 'priv-chain', 'privkey-chain'],
  }),
  'file.bundle.chain': Flags.string({
    default: 'public.chain.pem',
    description: 'File of the chain.',
    helpValue: 'FILE',
  }),
  'file.bundle.priv-chain': Flags.string({
    default: 'private.chain.pem',
    description: 'File of key and chain.',
    helpValue: 'FILE',
  }),
}
interface GenerateFlags extends CommonFlags {
  readonly ca: boolean
  readonly 'path.ca'?: string | undefined
  readonly 'file.ca-certificate'?: string | undefined
  readonly 'file.ca-private-key'?: string | undefined
  readonly 'file.certificate': string
  readonly 'extended-usage'?: string[] | undefined
  readonly bundles?: string[] | undefined
  readonly 'file.bundle.chain': string
  readonly 'file.bundle.priv-chain': string
}

export interface MadeCertificate {
  readonly key: string
  readonly names: readonly string[]
  readonly files: Record<string, string>
}

export abstract class CertificateCommand extends BaseCommand {
  static override enableJsonFlag = true

  protected async makeCertificate(flags: GenerateFlags, kind: KeyKind): Promise<MadeCertificate> {
    const now = Date.now()
    const names = readNames(flags.sans ?? [])
    const subject = subjectOf(flags, names)
    const authority =
      flags['path.ca'] === undefined
        ? undefined
        : readAuthority(signingFiles(flags['path.ca'], flags['file.ca-certificate'], flags['file.ca-private-key']), now)
    const { notBefore, notAfter } = lifetimeOf(flags, now, authority)
    const role: Role = flags.ca
      ? { kind: 'authority', permittedDomains: [], usages: usagesOf(flags['extended-usage'] ?? []) }
      : { kind: 'leaf', usages: usagesOf(flags['extended-usage'] ?? ['ServerAuth']) }
    const keys = await makeKeys(kind)
    const plan = { subject, names, publicKey: keys.publicKey, role, notBefore, notAfter, hash: hashOf(flags.signature) }
    const certificate = await signCertificate(plan, authority ?? { privateKey: keys.privateKey })
    const certificateFile = flags.ca ? (flags['file.ca-certificate'] ?? 'ca.public.crt') : flags['file.certificate']
    const privateFile = flags.ca ? (flags['file.ca-private-key'] ?? 'ca.private.pem') : flags['file.private-key']
    const chain = certificate + (authority?.certificate ?? '')
    const bundles = flags.bundles ?? []
    const privChain = bundles.some((bundle) => bundle !== 'chain')
    const files = writeMade(
      flags.directory,
      [
        ...keyFiles(keys, privateFile, flags),
        { what: 'certificate', name: certificateFile, content: certificate },
        ...(bundles.includes('chain') ? [{ what: 'chain', name: flags['file.bundle.chain'], content: chain }] : []),
        ...(privChain
          ? [
              {
                what: 'privChain',
                name: flags['file.bundle.priv-chain'],
                content: privatePem(keys) + chain,
                secret: true,
              },
            ]
          : []),
      ],
      flags.force,
    )
    const signedBy = authority ? `${authority.name}\n\tSerial: ${authority.serial}` : 'Self-Signed'
    const serial = new X509Certificate(certificate).serialNumber.toLowerCase()
    this.log(
      `Generating Certificate\n\n\tSerial: ${serial}\n\nSigned By:\n\t${signedBy}\nSubject:\n${subjectText(subject)}\n`,
    )
    this.log(`Properties:\n\tNot Before: ${iso(notBefore)}, Not After: ${iso(notAfter)}`)
    this.log(`\tCA: ${flags.ca === true}, CSR: false, Public Key Algorithm: ${describeKind(kind)}`)
    this.log(`${namesText(names)}\n\n${pathsText(flags.directory, files)}`)
    if (!flags.ca && notAfter - notBefore > LONGEST_LEAF_DAYS * 86_400_000)
      this.logToStderr(
        `${lifetimeText(notBefore, notAfter)}: Apple's systems refuse more than ${LONGEST_LEAF_DAYS} days, most browsers more than 398.`,
      )
    return { key: describeKind(kind), names: [...names.dns, ...names.ip], files }
  }

  protected async makeRequest(flags: CommonFlags & { 'file.csr': string }, kind: KeyKind): Promise<MadeCertificate> {
    const names = readNames(flags.sans ?? [])
    const subject = subjectOf(flags, names)
    const keys = await makeKeys(kind)
    const request = await signRequest(subject, names, keys, hashOf(flags.signature))
    const files = writeMade(
      flags.directory,
      [
        ...keyFiles(keys, flags['file.private-key'], flags),
        { what: 'request', name: flags['file.csr'], content: request },
      ],
      flags.force,
    )
    this.log(`Generating Certificate Request\n\nSubject:\n${subjectText(subject)}\n`)
    this.log(`Properties:\n\tPublic Key Algorithm: ${describeKind(kind)}\n${namesText(names)}`)
    this.log(`\n${pathsText(flags.directory, files)}`)
    return { key: describeKind(kind), names: [...names.dns, ...names.ip], files }
  }
}

function keyFiles(keys: Keys, file: string, flags: Pick<CommonFlags, 'legacy' | 'file.extension.legacy'>): MadeFile[] {
  const legacy = flags.legacy ? legacyPems(keys) : undefined
  const old = legacyName(file, flags['file.extension.legacy'])
  return [
    { what: 'privateKey', name: file, content: privatePem(keys), secret: true },
    ...(legacy ? [{ what: 'legacyPrivateKey', name: old, content: legacy.privateKey, secret: true }] : []),
  ]
}

const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

function subjectText(subject: Subject): string {
  const all = (values: readonly string[] = []): string => `[${values.join(' ')}]`
  return [
    `\tCommon Name: ${subject.commonName ?? ''}, Organization: ${all(subject.organization)}, Organizational Unit: ${all(subject.organizationalUnit)}`,
    `\tCountry: ${all(subject.country)}, Province: ${all(subject.province)}, Street Address: ${all(subject.streetAddress)}, Postal Code: ${all(subject.postalCode)}, Locality: ${all(subject.locality)}`,
  ].join('\n')
}

const namesText = ({ dns, ip = [] }: Names): string =>
  `\tSubject Alternative Names: ${[...dns.map((name, i) => `DNS.${i + 1}:${name}`), ...ip.map((name, i) => `IP.${i + 1}:${name}`)].join(', ')}`

const LABELS: Readonly<Record<string, string>> = {
  privateKey: 'Private Key',
  legacyPrivateKey: 'Private Key (legacy)',
  certificate: 'Certificate',
  request: 'Certificate Request',
  chain: 'Certificate (chain)',
  privChain: 'Certificate (priv-chain)',
}

const pathsText = (directory: string, files: Readonly<Record<string, string>>): string =>
  `Output Paths:\n\tDirectory: ${directory}\n${Object.entries(files)
    .map(([what, path]) => `\t${LABELS[what] ?? what}: ${relative(directory, path)}`)
    .join('\n')}\n`
