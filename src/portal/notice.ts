// Tells somebody by mail what happened to his account, where there is a mailer and an address to write to.
import { deviceOf } from '../base/device.ts'
import type { User } from '../directory/directory.ts'
import type { MailValues } from '../notify/mailer.ts'
import { accountLink } from './links.ts'
import type { PortalDeps } from './portal.ts'
import type { Visit } from './visit.ts'

export interface NoticeOccasion {
  readonly deps: Pick<PortalDeps, 'mailer' | 'clock'>
  readonly visit: Visit
}

/** Returns at once; whether it arrives is the mailer's matter. */
export function sendNotice(
  { deps, visit }: NoticeOccasion,
  user: User,
  event: MailValues['notice']['event'],
  subject: string,
): void {
  const address = user.emails[0]
  if (!deps.mailer.isEnabled || address === undefined) return
  const { browser, system } = deviceOf(visit.userAgent)
  deps.mailer.send({
    name: 'notice',
    to: { address, displayName: user.displayName },
    // Not that of the request: whoever makes it may be somebody else.
    language: visit.settings.languages.names[0] ?? '',
    values: {
      event,
      subject,
      from: [visit.clientAddress, browser, system].filter((part) => part !== undefined).join(', '),
      at: deps.clock.now(),
      portalUrl: accountLink(visit.domain),
    },
  })
}
