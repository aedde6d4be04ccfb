// Everything built from one valid configuration and one state of the users file: immutable, swapped as one reference. What outlives a configuration
// (database, sessions, hashing) is in services.ts.
import type { Clock } from '../base/clock.ts'
import { parseIpAddress } from '../base/ip-address.ts'
import { atOnce, type Steps } from '../base/steps.ts'
import type { Config } from '../config/config.ts'
import type { User } from '../directory/directory.ts'
import { createFileDirectory, type FileDirectory } from '../directory/file-directory.ts'
import type { HashQueue } from '../directory/hash-queue.ts'
import { leastScore } from '../directory/password-policy.ts'
import type { UsersFile } from '../directory/users-file.ts'
import { isMalformed } from '../forwarded/malformed.ts'
import { targetOfUrl } from '../forwarded/target.ts'
import { type Languages, loadLanguages } from '../i18n/languages.ts'
import { type Notifier, openNotifier } from '../notify/notifier.ts'
import { compilingPolicy } from '../policy/compile.ts'
import { secondFactorEnabled, verdictFor } from '../policy/decide.ts'
import type { Requirement } from '../policy/model.ts'
import type { Policy } from '../policy/policy.ts'
import type { PortalSettings } from '../portal/portal.ts'
import { buildGateSnapshot, type GateSnapshot } from './gate/snapshot.ts'

export interface Snapshot {
  /** Counts up with each swap; for logs. */
  readonly number: number
  readonly config: Config
  readonly directory: FileDirectory
  readonly gate: GateSnapshot
  readonly portal: PortalSettings
  readonly notifier: Notifier
}

/** Texts as they are now. @throws Fault `portal-template` */
export const languagesOf = ({ language, server }: Config): Languages =>
  loadLanguages({ assetPath: server.assetPath, standard: language })

/** @throws Fault `mail-template`, `certificate-file` */
export const buildSnapshot = (...parts: Parameters<typeof buildingSnapshot>): Snapshot =>
  atOnce(buildingSnapshot(...parts))

/** The same in steps. */
export function* buildingSnapshot(
  number: number,
  config: Config,
  users: UsersFile,
  languages: Languages,
  hashing: HashQueue,
  clock: Clock,
): Steps<Snapshot> {
  const directory = createFileDirectory(users, hashing)
  const policy = yield* compilingPolicy(
    config.accessControl,
    config.session.cookies.map(({ domain }) => domain),
  )
  return Object.freeze({
    number,
    config,
    directory,
    gate: buildGateSnapshot(String(number), config, policy, directory),
    portal: portalSettings(config, policy, directory, languages),
    notifier: openNotifier(config, languages, clock),
  })
}

function portalSettings(
  config: Config,
  policy: Policy,
  directory: FileDirectory,
  languages: Languages,
): PortalSettings {
  const { server, session, totp, webauthn } = config
  return Object.freeze({
    cookies: session.cookies,
    theme: config.theme,
    languages,
    basePath: server.basePath,
    cspTemplate: server.cspTemplate,
    assetPath: server.assetPath,
    trustedProxies: server.trustedProxies,
    secondFactorEnabled: secondFactorEnabled(policy),
    totpDisabled: totp.disable,
    totp,
    webauthn,
    trustedBrowser: session.trustedBrowser,
    hasDuo: config.duo !== undefined,
    default2faMethod: config.default2faMethod,
    rateLimits: server.rateLimits,
    elevatedSession: config.identityValidation.elevatedSession,
    resetPassword: config.identityValidation.resetPassword,
    passwordPolicy: config.passwordPolicy,
    passwordScore: leastScore(config.passwordPolicy),
    passwordResetDisabled: config.passwordReset.disable,
    passwordChangeDisabled: config.passwordChange.disable,
    passwordResetUrl: config.passwordReset.customUrl,
    newSignInNotice: config.notifier.newSignInNotice,
    policyOf: (user: User, clientAddress: string, method: string, url: string) =>
      requirementOf(policy, user, clientAddress, method, url),
    hostsOf: (cookieDomain: string) => hostsOf(config, cookieDomain),
    findUser: (username: string) => directory.find(username),
    passwordStamp: (username: string) => directory.passwordStamp?.(username),
  })
}

/** What isn't an address, or comes from no address, is denied: nothing may rest on it. */
function requirementOf(policy: Policy, user: User, clientAddress: string, method: string, url: string): Requirement {
  const target = targetOfUrl(url)
  const address = parseIpAddress(clientAddress)
  if (isMalformed(target) || address === undefined) return 'deny'
  const identity = { kind: 'user', level: 2, ...user } as const
  return verdictFor({ target, method, clientAddress: address }, identity, policy).requirement
}

/** Hosts that rules write out, in file order: where somebody may be sent who has no other wish. */
function hostsOf(config: Config, cookieDomain: string): readonly string[] {
  const isWritten = (host: string): boolean =>
    /^[a-z0-9.-]+$/i.test(host) && (host === cookieDomain || host.endsWith(`.${cookieDomain}`))
  return [...new Set(config.accessControl.rules.flatMap((rule) => rule.domain).filter(isWritten))]
}
