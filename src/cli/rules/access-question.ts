// From what a person types to the question that the gate asks the policy.
import { Fault } from '../../base/fault.ts'
import { parseIpAddress } from '../../base/ip-address.ts'
import { isMalformed, type Malformed } from '../../forwarded/malformed.ts'
import { isMethod } from '../../forwarded/method.ts'
import { targetOfUrl } from '../../forwarded/target.ts'
import type { AccessRequest } from '../../policy/model.ts'

/** @throws Fault `access-question` (exit 2) for what the gate would refuse unread */
export function accessQuestion(url: string, method: string, ip: string): AccessRequest {
  const target = targetOfUrl(url)
  if (isMalformed(target))
    throw wrong(
      `${JSON.stringify(url)} is an address that the gate refuses unread: ${REASONS[target.reason] ?? target.reason}.`,
    )
  if (!isMethod(method))
    throw wrong(
      `${JSON.stringify(method)} is no method that the gate takes.`,
      'Methods have capital letters only, such as GET.',
    )
  const clientAddress = parseIpAddress(ip)
  if (clientAddress === undefined)
    throw wrong(`${JSON.stringify(ip)} is no IP address.`, 'It looks like 192.0.2.7 or 2001:db8::7.')
  return { target, method, clientAddress }
}

const REASONS: Partial<Record<Malformed['reason'], string>> = {
  'target-missing': 'it has no "://"',
  scheme: 'the scheme must be https or wss, since session cookies do not travel in the clear',
  host: 'the host is none',
  path: 'the path has a "#", a blank, a control character, a byte beyond ASCII or a broken escape',
}

const wrong = (message: string, hint = 'Write the whole address, such as https://app.example.com/path.'): Fault =>
  new Fault('access-question', message, { hint, exitCode: 2 })
