// Who credentials in a header prove somebody to be: one factor at most. Bearer tokens are read and passed over until there is a provider of ours.
import type { IpAddress } from '../../base/ip-address.ts'
import type { AuthnStrategy } from '../../config/config.ts'
import type { Login } from '../../login/login.ts'
import type { Question } from '../../protocol/protocol.ts'
import { readCredentials } from './credentials.ts'
import type { Maybe } from './maybe-promise.ts'
import { personOf } from './person.ts'
import { FAILED, NOTHING, type Proof } from './proof.ts'

export function proveByHeader(
  strategy: AuthnStrategy,
  question: Question,
  client: IpAddress,
  login: Pick<Login, 'basic'>,
): Maybe<Proof> {
  const isLegacy = strategy.name === 'HeaderLegacy'
  const name =
    strategy.name === 'HeaderAuthorization' || (isLegacy && question.demandsBasic)
      ? 'authorization'
      : 'proxyAuthorization'
  const { lines } = question
  // Two of them: proxies and applications disagree on which counts.
  if (lines.repeated?.includes(name)) return FAILED
  const credentials = readCredentials(lines[name])
  switch (credentials.kind) {
    case 'absent':
      return isLegacy && question.demandsBasic ? FAILED : NOTHING
    case 'unreadable':
      return FAILED
    case 'bearer':
      return isLegacy ? FAILED : NOTHING
    case 'basic':
      if (!isLegacy && !strategy.schemes.includes('basic')) return NOTHING
      return checkPassword(credentials, strategy, question, client, login)
  }
}

async function checkPassword(
  { username, password }: { readonly username: string; readonly password: string },
  { schemeBasicCacheLifespan }: AuthnStrategy,
  { target, method }: Question,
  client: IpAddress,
  login: Pick<Login, 'basic'>,
): Promise<Proof> {
  const attempt = { from: client.text, requestMethod: method, requestUri: target.url }
  const outcome = await login.basic(username, password, attempt, schemeBasicCacheLifespan)
  return outcome.kind === 'accepted' ? { kind: 'user', person: personOf(outcome.user), level: 1 } : FAILED
}
