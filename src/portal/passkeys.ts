// Passkeys as the portal's pages and API handle them alike: where a ceremony happens, and what an owner may do with those he has.
import type { IncomingMessage } from 'node:http'
import { readDescription } from '../login/webauthn/description.ts'
import { relyingPartyOf } from '../login/webauthn/relying-party.ts'
import type { Place } from '../login/webauthn/webauthn.ts'
import type { WebauthnCredential } from '../storage/webauthn-credential.ts'
import { afterPasskey } from './account-change.ts'
import { type NoticeOccasion, sendNotice } from './notice.ts'
import type { PortalDeps } from './portal.ts'
import type { SignedIn } from './signed-in.ts'
import type { Visit } from './visit.ts'

/** For the attempts table: where somebody wants to go. */
interface Wish {
  readonly targetURL: string
  readonly requestMethod: string
}

/** Undefined where passkeys are turned off or there is nothing to bind them to. */
export function ceremonyAt(
  { settings, domain, clientAddress }: Visit,
  request: IncomingMessage,
  { targetURL, requestMethod }: Wish = { targetURL: '', requestMethod: '' },
): Place | undefined {
  const rp = settings.webauthn.disable ? undefined : relyingPartyOf(domain)
  return (
    rp && {
      rp,
      config: settings.webauthn,
      attempt: {
        from: clientAddress,
        requestUri: targetURL || undefined,
        requestMethod: requestMethod || undefined,
        userAgent: request.headers['user-agent'],
      },
      userAgent: request.headers['user-agent'],
    }
  )
}

/** For a ceremony that somebody shows a passkey in: its owner hears of a copy, whoever holds that. */
export const tellingOfCopies = (occasion: NoticeOccasion): Pick<Place, 'onCopied'> => ({
  onCopied: (owner, name) => sendNotice(occasion, owner, 'passkey-copied', name),
})

interface Asked {
  readonly deps: Pick<PortalDeps, 'storage' | 'audit' | 'mailer' | 'clock' | 'log' | 'sessions'>
  readonly visit: Visit
  readonly request: IncomingMessage
}

/** Those of this portal, oldest first. */
export async function passkeysOf(
  { deps, visit }: Pick<Asked, 'deps' | 'visit'>,
  username: string,
): Promise<readonly WebauthnCredential[]> {
  const rp = relyingPartyOf(visit.domain)
  return rp ? deps.storage.webauthn.list({ username, rpId: rp.id }) : []
}

/** Whoever calls has asked for fresh proof. Somebody else's passkey is not found. */
export async function renamePasskey(
  { deps, visit, request }: Asked,
  { user, session }: SignedIn,
  id: number,
  typed: string,
): Promise<'renamed' | 'malformed' | 'not-found' | 'description-taken'> {
  const rp = relyingPartyOf(visit.domain)
  const description = readDescription(typed)
  if (description === undefined) return 'malformed'
  if (rp === undefined) return 'not-found'
  const renamed = await deps.storage.webauthn.rename(user.username, rp.id, id, description)
  if (renamed === 'renamed')
    await deps.audit.record({
      kind: 'factor-renamed',
      username: user.username,
      from: visit.clientAddress,
      subject: `webauthn: ${description}`,
      session: session.record.key,
      userAgent: request.headers['user-agent'],
    })
  return renamed
}

/** The same for taking one away; its owner is told by mail. False when he has no such passkey. */
export async function removePasskey(asked: Asked, { user, session }: SignedIn, id: number): Promise<boolean> {
  const { deps, visit, request } = asked
  const own = await deps.storage.webauthn.list({ username: user.username })
  const passkey = own.find((credential) => credential.id === id)
  if (passkey === undefined || !(await deps.storage.webauthn.delete(user.username, id))) return false
  deps.log.warn({ username: user.username, from: visit.clientAddress }, 'a passkey was removed')
  await deps.audit.record({
    kind: 'factor-removed',
    username: user.username,
    from: visit.clientAddress,
    subject: `webauthn: ${passkey.description}`,
    session: session.record.key,
    userAgent: request.headers['user-agent'],
  })
  await afterPasskey(asked, { user, session }, 'factor-removed', passkey.description)
  return true
}
