// What Duo says of a user, as far as it counts here: where it lets him pass by itself, that is no second factor for who has another one.
import type { Logger } from '../../base/log.ts'
import type { DuoConfig } from '../../config/config.ts'
import type { DuoDevice, Preauth } from './answers.ts'
import type { Closed, DuoVisitor } from './duo.ts'
import type { DuoAccount, DuoApi } from './duo-api.ts'
import { unavailable } from './duo-failure.ts'

export type Standing =
  | { readonly kind: 'open'; readonly api: DuoApi; readonly devices: readonly DuoDevice[] }
  | { readonly kind: 'bypass' }
  | Closed
export type AskDuo = (visitor: DuoVisitor) => Promise<Standing>

export interface AskDuoDeps {
  /** Read anew for each question; undefined: there is no Duo. */
  readonly settings: () => DuoConfig | undefined
  readonly openApi: (account: DuoAccount) => DuoApi
  readonly log: Logger
}

export function createAskDuo({ settings: current, openApi, log }: AskDuoDeps): AskDuo {
  const apis = new WeakMap<DuoConfig, DuoApi>()
  const apiOf = (settings: DuoConfig): DuoApi => {
    const api = apis.get(settings) ?? openApi(settings)
    apis.set(settings, api)
    return api
  }

  return async ({ user, level, hasOtherFactor }) => {
    const settings = current()
    if (settings === undefined) return { kind: 'unavailable' }
    const api = apiOf(settings)
    let answer: Preauth
    try {
      answer = await api.preauth(user.username)
    } catch (error) {
      return unavailable(error, log)
    }
    switch (answer.kind) {
      case 'auth':
        return { kind: 'open', api, devices: answer.devices }
      case 'allow':
        return hasOtherFactor ? { kind: 'refused', reason: 'bypass-not-enough' } : { kind: 'bypass' }
      case 'deny':
        return { kind: 'refused', reason: 'duo-denied' }
      case 'enroll': {
        // Whoever enrols by himself has proven the password only, and that must not replace a factor that is there.
        const mayEnrol = settings.selfEnrolment && (!hasOtherFactor || level >= 2)
        return { kind: 'enroll', url: mayEnrol ? answer.url : undefined }
      }
    }
  }
}
