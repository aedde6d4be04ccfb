// latchkey storage user webauthn import: brings passkeys and security keys in from a YAML file that `export` wrote, ours or Authelia's.
import { Args } from '@oclif/core'
import type { WebauthnListing } from '../../../../admin/webauthn.ts'
import { Fault } from '../../../../base/fault.ts'
import { type ImportedEntry, readImportFile, refuseEntry } from '../../../../cli/storage/import-file.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count, visible } from '../../../../cli/terminal/table.ts'
import { readDescription } from '../../../../login/webauthn/description.ts'
import { isGoodKey } from '../../../../login/webauthn/public-key.ts'

export default class WebauthnImport extends StorageCommand {
  static override description =
    "Bring passkeys and security keys in from a YAML file that `export` of Latchkey or Authelia wrote: all of them, or none when one is there already. Authelia's file doesn't tell what owners are called towards their passkeys: those work as a second factor, and `latchkey import authelia` brings the rest."
  static override examples = ['<%= config.bin %> <%= command.id %> authelia.export.webauthn.yml']
  static override enableJsonFlag = true
  static override args = { filename: Args.string({ required: true, description: 'The YAML file.' }) }
  static override flags = storageFlags

  async run(): Promise<{ file: string; count: number }> {
    const { args, flags } = await this.parse(WebauthnImport)
    const entries = readImportFile(args.filename, 'webauthn_credentials')
    const credentials = await Promise.all(entries.map(credentialOf))
    const { inTheWay } = await this.act(flags, 'webauthn.save', { credentials }, { make: true })
    if (inTheWay.length > 0) {
      throw new Fault('webauthn-exists', `These are there already: ${inTheWay.map(visible).join(', ')}.`, {
        hint: 'Nothing was imported. `latchkey storage user webauthn list` shows those there are.',
        exitCode: 1,
      })
    }
    this.log(`${count(credentials.length, 'passkey')} imported from ${args.filename}`)
    return { file: args.filename, count: credentials.length }
  }
}

async function credentialOf(entry: ImportedEntry): Promise<Omit<WebauthnListing, 'id'>> {
  const username = entry.text('username')
  const rpId = entry.text('rpid')
  const description = readDescription(entry.text('description'))
  const kid = Buffer.from(entry.text('kid'), 'base64')
  const publicKey = Buffer.from(entry.text('public_key'), 'base64')
  const signCount = Number(entry.text('sign_count') || 0)
  if (username === '') refuseEntry(entry, 'the entry has no username.')
  if (!/^[a-z0-9.-]+$/.test(rpId)) refuseEntry(entry, 'rpid must be the host of a portal.')
  if (description === undefined) refuseEntry(entry, 'description must have 1 to 64 characters.')
  if (kid.length === 0) refuseEntry(entry, 'kid is no base64.')
  if (!(await isGoodKey(publicKey))) refuseEntry(entry, 'public_key is no key that signatures can be checked with.')
  if (!Number.isSafeInteger(signCount) || signCount < 0) refuseEntry(entry, 'sign_count must be a whole number.')
  const time = (key: string): number | null => {
    const parsed = Date.parse(entry.text(key))
    return Number.isNaN(parsed) ? null : parsed
  }
  const flag = (key: string): boolean => entry.text(key) === 'true'
  return {
    rpId,
    username,
    description,
    kid: kid.toString('base64url'),
    publicKey: publicKey.toString('base64'),
    attestation: entry.text('attestation'),
    attestationType: entry.text('attestation_type'),
    attestationFormat: entry.text('attestation_format'),
    attachment: entry.text('attachment'),
    transports: entry.texts('transports'),
    aaguid: entry.text('aaguid').toLowerCase(),
    signCount,
    cloneWarning: flag('clone_warning'),
    legacy: flag('legacy'),
    discoverable: flag('discoverable'),
    present: flag('present'),
    verified: flag('verified'),
    backupEligible: flag('backup_eligible'),
    backupState: flag('backup_state'),
    createdAt: time('created_at') ?? Date.now(),
    lastUsedAt: time('last_used_at'),
    userHandle: entry.text('user_handle') || null,
  }
}
