// Which second factors there are with this configuration, which of them somebody has, and which he is asked for first. One entry a factor:
// whoever builds another adds it here, and its page in handlers/second-factor.ts.
import type { CookieDomain } from '../config/config.ts'
import { relyingPartyOf } from '../login/webauthn/relying-party.ts'
import type { PortalSession, SessionRecord } from '../session/session.ts'
import type { PortalDeps, PortalSettings } from './portal.ts'

/** Methods bear the names of the API (`available_methods`, `default_2fa_method`). */
export type FactorName = 'webauthn' | 'totp' | 'mobile_push' | 'recovery' | 'password'

export interface SecondFactor {
  readonly name: FactorName
  /** May be preferred, and is named to clients of the API. What only stands in for a lost factor is none. */
  readonly isMethod: boolean
  /** Page where it is given; Authelia's address where it has one. */
  readonly page: string
  /** Page where somebody who has none sets it up; undefined when that isn't offered. */
  readonly setUpPage: string | undefined
  /** Somebody may have it although nothing of it is kept here: it is offered to everybody. */
  readonly isKeptElsewhere?: true
  /** Keys of texts: what it is called where one chooses among several, and what is said of it to somebody who has none. */
  readonly label: string
  readonly setUpLabel: string
  readonly setUpHint: string
  isAvailable(settings: PortalSettings): boolean
  isRegistered(asked: Asked, username: string): Promise<boolean>
}

/** For whom and with which configuration factors are looked up; a visit and a call of the API both are. */
export interface Asked {
  readonly deps: Pick<PortalDeps, 'storage'>
  readonly visit: { readonly settings: PortalSettings; readonly domain: CookieDomain }
}

const passkeys: SecondFactor = {
  name: 'webauthn',
  isMethod: true,
  page: '/2fa/webauthn',
  setUpPage: '/register/passkey',
  label: 'second-factor.webauthn',
  setUpLabel: 'second-factor.set-up-webauthn',
  setUpHint: 'second-factor.set-up-webauthn-hint',
  isAvailable: ({ webauthn, cookies }) => !webauthn.disable && cookies.some((domain) => relyingPartyOf(domain)),
  async isRegistered({ deps, visit }, username) {
    const rp = relyingPartyOf(visit.domain)
    return rp !== undefined && deps.storage.webauthn.has(username, rp.id)
  },
}

const oneTimeCodes: SecondFactor = {
  name: 'totp',
  isMethod: true,
  page: '/2fa/one-time-password',
  setUpPage: '/register/one-time-code',
  label: 'second-factor.totp',
  setUpLabel: 'second-factor.set-up-totp',
  setUpHint: 'second-factor.set-up-totp-hint',
  isAvailable: ({ totpDisabled }) => !totpDisabled,
  isRegistered: async ({ deps }, username) => (await deps.storage.totp.find(username)) !== undefined,
}

/** Whether somebody has a device at Duo only Duo knows; registered is who was asked on one. */
const push: SecondFactor = {
  name: 'mobile_push',
  isMethod: true,
  page: '/2fa/push-notification',
  setUpPage: '/2fa/push-notification',
  isKeptElsewhere: true,
  label: 'second-factor.push',
  setUpLabel: 'second-factor.set-up-push',
  setUpHint: 'second-factor.set-up-push-hint',
  isAvailable: ({ hasDuo }) => hasDuo,
  isRegistered: async ({ deps }, username) => (await deps.storage.duo.find(username)) !== undefined,
}

/** Stands in for a lost factor. Whoever has codes left has something that a stolen password doesn't bring, so they are asked for like any other. */
const recoveryCodes: SecondFactor = {
  name: 'recovery',
  isMethod: false,
  page: '/2fa/recovery-code',
  setUpPage: undefined,
  label: 'second-factor.recovery',
  setUpLabel: 'second-factor.recovery',
  setUpHint: 'second-factor.recovery',
  isAvailable: () => true,
  isRegistered: async ({ deps }, username) => ((await deps.storage.recovery.find(username))?.left ?? 0) > 0,
}

/** In the order they are offered; what stands in for a lost factor comes last. */
export const SECOND_FACTORS: readonly SecondFactor[] = [passkeys, oneTimeCodes, push, recoveryCodes]

/** Of whoever signed in with a passkey: a second thing possessed would be the same factor once more. */
const password: SecondFactor = {
  name: 'password',
  isMethod: false,
  page: '/2fa/password',
  setUpPage: undefined,
  label: 'second-factor.password',
  setUpLabel: 'second-factor.password',
  setUpHint: 'second-factor.password',
  isAvailable: () => true,
  isRegistered: async () => true,
}
const AFTER_PASSKEY: UserFactors = { available: [password], registered: [password] }

/** As Authelia lists them. */
const METHODS = ['totp', 'webauthn', 'mobile_push'] as const

/** Methods that are built and switched on, in the order of the API. */
export function availableMethods(settings: PortalSettings): readonly FactorName[] {
  const names = available(settings).flatMap(({ isMethod, name }) => (isMethod ? [name] : []))
  return METHODS.flatMap((method) => names.filter((name) => name === method))
}

const available = (settings: PortalSettings): readonly SecondFactor[] =>
  SECOND_FACTORS.filter((factor) => factor.isAvailable(settings))

export interface UserFactors {
  /** Switched on, in the order they are offered. */
  readonly available: readonly SecondFactor[]
  /** The user has them and they are switched on; the first is the one to ask for first. */
  readonly registered: readonly SecondFactor[]
  /** Host of another portal of ours where he has a passkey: it can't be shown here, but guards his account here, too. */
  readonly elsewhere?: string | undefined
}

/** @param begunWith what the session began with that is to rise; without a session it is about what the user has at all */
export async function factorsOf(
  asked: Asked,
  username: string,
  begunWith: PortalSession['begunWith'] = 'password',
): Promise<UserFactors> {
  if (begunWith === 'passkey') return AFTER_PASSKEY
  const { settings } = asked.visit
  const all = available(settings)
  const has = await Promise.all(all.map((factor) => factor.isRegistered(asked, username)))
  const registered = all.filter((_, index) => has[index])
  const elsewhere = await passkeyElsewhere(asked, username)
  if (registered.length < 2) return { available: all, registered, elsewhere }
  const preferred = (await asked.deps.storage.preferences.find(username))?.method
  return { available: all, registered: inOrder(registered, preferred, settings.default2faMethod), elsewhere }
}

/** Otherwise a password alone would be enough to add a factor at one portal and to show it at another. A portal that is no more guards nothing. */
async function passkeyElsewhere({ deps, visit }: Asked, username: string): Promise<string | undefined> {
  const { settings, domain } = visit
  if (settings.webauthn.disable) return undefined
  const here = relyingPartyOf(domain)?.id
  for (const other of settings.cookies) {
    const rp = relyingPartyOf(other)
    if (rp !== undefined && rp.id !== here && (await deps.storage.webauthn.has(username, rp.id))) return rp.id
  }
  return undefined
}

/** First what the user prefers, then `default_2fa_method`, then the rest as it is offered. */
export function inOrder<Factor extends { readonly name: string }>(
  factors: readonly Factor[],
  preferred: string | undefined,
  usual: string,
): readonly Factor[] {
  const rank = ({ name }: Factor): number => (name === preferred ? 0 : name === usual ? 1 : 2)
  return factors.toSorted((one, other) => rank(one) - rank(other))
}

/** There is one that must be shown before anything about the account is seen or changed. */
export const isGuarded = ({ registered, elsewhere }: UserFactors): boolean =>
  registered.length > 0 || elsewhere !== undefined

/** One that isn't `name`. */
export const hasOtherFactor = ({ registered, elsewhere }: UserFactors, name: FactorName): boolean =>
  registered.some((factor) => factor.name !== name) || elsewhere !== undefined

export const hasFactor = ({ registered }: UserFactors, name: FactorName): boolean =>
  registered.some((factor) => factor.name === name)

/** A session that a trusted browser raised was given no second factor: enough to go places, not to change the account. */
export const hasShownFactor = ({
  level,
  byTrustedBrowser,
}: Pick<SessionRecord, 'level' | 'byTrustedBrowser'>): boolean => level >= 2 && byTrustedBrowser !== true

/** What somebody may use: what he has, and what he may have elsewhere. */
export const usable = ({ available, registered }: UserFactors): readonly SecondFactor[] => [
  ...registered,
  ...available.filter((factor) => factor.isKeptElsewhere && !registered.includes(factor)),
]
