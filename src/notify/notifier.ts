// What one configuration makes of mail: how it looks and by which way it leaves. Holds nothing open.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Config } from '../config/config.ts'
import { pemCertificates } from '../config/format/formats.ts'
import type { Languages } from '../i18n/languages.ts'
import { isAddress } from './address.ts'
import { createFileTransport } from './file.ts'
import { loadLook } from './look.ts'
import type { Mail } from './mailer.ts'
import { DeliveryFailure, type Transport } from './message.ts'
import { createSmtpTransport } from './smtp.ts'

export interface Notifier {
  /** For people: the mail server or the file. */
  readonly place: string
  readonly atOnce: number
  /** Whether mail could leave now. @throws Fault `mail-server`, `mail-file` */
  check(): Promise<void>
  /** @throws DeliveryFailure */
  deliver(mail: Mail, signal: AbortSignal): Promise<void>
}

/** @throws Fault `mail-template`, `certificate-file` */
export function openNotifier(
  { notifier, certificatesDirectory }: Pick<Config, 'notifier' | 'certificatesDirectory'>,
  languages: Languages,
  clock: Clock,
): Notifier {
  const { transport: way, templatePath } = notifier
  const look = loadLook(languages, templatePath)
  const transport: Transport =
    way.kind === 'smtp'
      ? createSmtpTransport(way, authoritiesIn(certificatesDirectory))
      : createFileTransport(way, clock)
  const { place, atOnce } = transport
  return {
    place,
    atOnce,
    async check() {
      try {
        await transport.check(new AbortController().signal)
      } catch (error) {
        throw error instanceof DeliveryFailure ? faultOf(way.kind, place, error.message) : error
      }
    },
    async deliver(mail, signal) {
      if (!isAddress(mail.to.address))
        throw new DeliveryFailure('refused', 'the address of the user is none that mail can go to')
      await transport.deliver(look(mail), signal)
    },
  }
}

function faultOf(kind: 'smtp' | 'file', place: string, reason: string): Fault {
  if (kind === 'file') {
    const hint = 'Look at notifier.filesystem.filename, its folder and who may write there.'
    return new Fault('mail-file', `Messages can't be written: ${reason}.`, { hint })
  }
  return new Fault('mail-server', `Mail can't be sent by ${place}: ${reason}.`, {
    hint: 'Look at notifier.smtp; `latchkey mail test` tries it. With notifier.disable_startup_check Latchkey starts all the same.',
  })
}

/** Every certificate in the folder, PEM. @throws Fault `certificate-file` */
function authoritiesIn(folder: string | undefined): string[] {
  if (folder === undefined) return []
  const files = readdirSync(folder).filter((name) => /\.(?:pem|crt|cer)$/i.test(name))
  return files.flatMap((name) => {
    const path = join(folder, name)
    try {
      return pemCertificates(readFileSync(path, 'utf8')).map(String)
    } catch (cause) {
      throw new Fault('certificate-file', `${path} holds no certificates in PEM, or can't be read.`, {
        hint: 'Take it out of certificates_directory, or put the certificate of an authority there.',
        cause,
      })
    }
  })
}
