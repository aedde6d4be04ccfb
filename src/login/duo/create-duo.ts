// Duo as a second factor, made of its parts: what Duo says of the user, his device, pushes and passcodes.
import type { Audit } from '../../audit/audit.ts'
import type { RecordAttempt } from '../attempt-record.ts'
import { createOneAtATime } from '../one-at-a-time.ts'
import { type AskDuoDeps, createAskDuo } from './ask-duo.ts'
import { chooseDevice, PUSH, pushDevices, takesPasscodes } from './choose-device.ts'
import type { Duo } from './duo.ts'
import { createPasscodeCheck } from './passcode.ts'
import { createPushes, type PushDeps } from './push.ts'
import { createTell } from './tell.ts'

export interface DuoDeps extends AskDuoDeps, Omit<PushDeps, 'ask' | 'tell'> {
  readonly record: RecordAttempt
  readonly audit: Audit
}

export function createDuo(deps: DuoDeps): Duo {
  const stored = deps.devices
  const ask = createAskDuo(deps)
  const tell = createTell(deps)
  const { start, ...pushes } = createPushes({ ...deps, ask, tell })
  const checkPasscode = createPasscodeCheck({ ...deps, ask, tell })
  const oneAtATime = createOneAtATime()

  return {
    async offer(visitor) {
      const answer = await ask(visitor)
      if (answer.kind !== 'open') return answer
      const choice = chooseDevice(answer.devices, await stored.find(visitor.user.username))
      const passcodes = takesPasscodes(answer.devices)
      if (choice.kind === 'none' && !passcodes) return { kind: 'enroll', url: undefined }
      return {
        kind: 'devices',
        devices: pushDevices(answer.devices),
        chosen: choice.kind === 'chosen' ? choice.device : undefined,
        passcodes,
      }
    },

    async choose(visitor, device) {
      const answer = await ask(visitor)
      if (answer.kind !== 'open') return answer
      if (!pushDevices(answer.devices).some((one) => one.device === device)) return { kind: 'unknown' }
      await stored.save(visitor.user.username, { device, method: PUSH })
      return { kind: 'chosen' }
    },

    ...pushes,
    push: (visitor) => oneAtATime(visitor.user.username, () => start(visitor)),
    passcode: (visitor, passcode) => oneAtATime(visitor.user.username, () => checkPasscode(visitor, passcode)),
  }
}
