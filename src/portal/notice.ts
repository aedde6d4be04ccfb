// A mail to somebody about his own account: what happened, where from, when, and where to look.
import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import type { User } from '../directory/directory.ts'
import type { MailValues } from '../notify/mailer.ts'
import { languageOf } from './language.ts'
import type { PortalDeps } from './portal.ts'
import type { Visit } from './visit.ts'

interface Asked {
  readonly deps: Pick<PortalDeps, 'mailer' | 'clock'>
  readonly visit: Visit
  readonly request: IncomingMessage
}

/** Does nothing for somebody without an address. @param subject the thing it is about; '' for none */
export function sendNotice(
  { deps, visit, request }: Asked,
  user: User,
  event: MailValues['notice']['event'],
  subject: string,
): void {
  const [address] = user.emails
  if (address === undefined) return
  deps.mailer.send({
    name: 'notice',
    to: { address, displayName: user.displayName || user.username },
    language: languageOf(request as Request, visit.settings),
    values: { event, subject, from: visit.clientAddress, at: deps.clock.now(), portalUrl: `${visit.origin}/` },
  })
}
