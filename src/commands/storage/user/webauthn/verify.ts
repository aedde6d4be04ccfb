// latchkey storage user webauthn verify: whether the passkeys there are would still be taken, by the filters of the configuration and by their keys.
import { Flags } from '@oclif/core'
import type { WebauthnListing } from '../../../../admin/webauthn.ts'
import { Fault } from '../../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count, table } from '../../../../cli/terminal/table.ts'
import type { WebauthnConfig } from '../../../../config/config.ts'
import { isGoodKey } from '../../../../login/webauthn/public-key.ts'
import { isPermitted } from '../../../../login/webauthn/verify-registration.ts'

interface Verified {
  readonly id: number
  readonly username: string
  readonly description: string
  /** 'damaged', 'weak-key', 'not-permitted', 'may-be-copied'; none: it is as it should be. */
  readonly findings: readonly string[]
}

export default class WebauthnVerify extends StorageCommand {
  static override description =
    'Check the passkeys there are: whether each key opens and is strong enough, whether webauthn.filtering of the configuration would still permit it, and whether there seems to be a copy of it.'
  static override examples = ['<%= config.bin %> <%= command.id %> --config configuration.yml']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    verbose: Flags.boolean({ description: 'List those that are as they should be, too.', default: false }),
  }

  async run(): Promise<{ passkeys: readonly Verified[] }> {
    const { flags } = await this.parse(WebauthnVerify)
    const { config } = this.place(flags)
    if (config === undefined) {
      throw new Fault('configuration-needed', 'What is permitted stands in the configuration.', {
        hint: 'Name the configuration with --config.',
        exitCode: 2,
      })
    }
    const found = await this.act(flags, 'webauthn.list', {})
    const passkeys = await Promise.all(
      found.map(async ({ id, username, description, ...rest }) => ({
        id,
        username,
        description,
        findings: await findingsOf(rest, config.webauthn),
      })),
    )
    const wrong = passkeys.filter(({ findings }) => findings.length > 0)
    const shown = flags.verbose ? passkeys : wrong
    if (shown.length > 0) {
      const rows = shown.map((one) => [one.id, one.username, one.description, one.findings.join(', ') || 'good'])
      this.log(table(['ID', 'USERNAME', 'DESCRIPTION', 'FINDINGS'], rows))
    }
    this.log(`${count(passkeys.length, 'passkey')} checked, ${wrong.length} with findings.`)
    if (wrong.length > 0) process.exitCode = 1
    return { passkeys }
  }
}

async function findingsOf(
  passkey: Pick<WebauthnListing, 'publicKey' | 'aaguid' | 'backupEligible' | 'attestationFormat' | 'cloneWarning'>,
  config: WebauthnConfig,
): Promise<readonly string[]> {
  const { publicKey, cloneWarning } = passkey
  const isGood = publicKey !== null && (await isGoodKey(Buffer.from(publicKey, 'base64')))
  return [
    ...(publicKey === null ? ['damaged'] : isGood ? [] : ['weak-key']),
    ...(isPermitted(passkey, config) ? [] : ['not-permitted']),
    ...(cloneWarning ? ['may-be-copied'] : []),
  ]
}
