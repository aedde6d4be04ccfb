// Which device is asked: the one the user chose as long as it is there and takes pushes, else the only one, else he has to say. Pure.
import type { DuoPreference } from '../../storage/duo-devices.ts'
import type { DuoDevice } from './answers.ts'

/** The one way of asking that is offered, as with Authelia. */
export const PUSH = 'push'

export type DeviceChoice =
  /** `isNew`: it isn't what is stored. */
  | { readonly kind: 'chosen'; readonly device: string; readonly isNew: boolean }
  | { readonly kind: 'ask'; readonly devices: readonly DuoDevice[] }
  /** None of them takes a push. */
  | { readonly kind: 'none' }

export const pushDevices = (devices: readonly DuoDevice[]): readonly DuoDevice[] =>
  devices.filter(({ capabilities }) => capabilities.includes(PUSH))

/** Passcodes come from an app, from a text message or from a token. */
export const takesPasscodes = (devices: readonly DuoDevice[]): boolean =>
  devices.some(
    ({ capabilities, isToken }) => isToken || capabilities.includes('mobile_otp') || capabilities.includes('sms'),
  )

export function chooseDevice(devices: readonly DuoDevice[], stored: DuoPreference | undefined): DeviceChoice {
  const able = pushDevices(devices)
  if (stored?.method === PUSH && able.some(({ device }) => device === stored.device))
    return { kind: 'chosen', device: stored.device, isNew: false }
  const [only, ...others] = able
  if (only === undefined) return { kind: 'none' }
  return others.length > 0 ? { kind: 'ask', devices: able } : { kind: 'chosen', device: only.device, isNew: true }
}
