// latchkey storage user webauthn export: every passkey and security key as YAML, in Authelia's format.
import { Flags } from '@oclif/core'
import type { WebauthnListing } from '../../../../admin/webauthn.ts'
import { Fault } from '../../../../base/fault.ts'
import { newFile } from '../../../../cli/setup/new-file.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count, visible } from '../../../../cli/terminal/table.ts'
import { writeYaml, type YamlValue } from '../../../../yaml/write.ts'

export default class WebauthnExport extends StorageCommand {
  static override description =
    'Write all passkeys and security keys to a YAML file (mode 0600). What owners are called towards them goes along as user_handle, which Authelia passes over.'
  static override examples = ['<%= config.bin %> <%= command.id %> --file webauthn.yml']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    file: Flags.string({
      char: 'f',
      default: 'latchkey.export.webauthn.yml',
      description: 'File to write; it must not exist.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<{ file: string; count: number }> {
    const { flags } = await this.parse(WebauthnExport)
    const found = await this.act(flags, 'webauthn.list', {})
    newFile(flags.file, writeYaml(new Map([['webauthn_credentials', found.map(entryOf)]])))
    this.log(`${count(found.length, 'passkey')} written to ${flags.file}`)
    return { file: flags.file, count: found.length }
  }
}

function entryOf(passkey: WebauthnListing): YamlValue {
  const { publicKey, lastUsedAt, aaguid, userHandle } = passkey
  if (publicKey === null) {
    const whose = `"${visible(passkey.description)}" of ${visible(passkey.username)}`
    throw new Fault('storage-sealed-value', `The passkey ${whose} in the database is damaged.`, {
      hint: 'Delete it with `latchkey storage user webauthn delete`; nothing was written.',
    })
  }
  const time = (milliseconds: number): string => new Date(milliseconds).toISOString()
  return new Map<string, YamlValue>([
    ['created_at', time(passkey.createdAt)],
    ...(lastUsedAt === null ? [] : [['last_used_at', time(lastUsedAt)] satisfies [string, string]]),
    ['rpid', passkey.rpId],
    ['username', passkey.username],
    ['description', passkey.description],
    ['kid', Buffer.from(passkey.kid, 'base64url').toString('base64')],
    ...(aaguid === '' ? [] : [['aaguid', aaguid] satisfies [string, string]]),
    ['attestation_type', passkey.attestationType],
    ['attestation_format', passkey.attestationFormat],
    ['attachment', passkey.attachment],
    ['transports', passkey.transports],
    ['sign_count', passkey.signCount],
    ['clone_warning', passkey.cloneWarning],
    ['legacy', passkey.legacy],
    ['discoverable', passkey.discoverable],
    ['present', passkey.present],
    ['verified', passkey.verified],
    ['backup_eligible', passkey.backupEligible],
    ['backup_state', passkey.backupState],
    ['public_key', publicKey],
    ['attestation', passkey.attestation],
    ...(userHandle === null ? [] : [['user_handle', userHandle] satisfies [string, string]]),
  ])
}
