// What the schemas can't say: rules between fields, and the few files whose presence Authelia checks. Opens no database, network or users file.
import type { Steps } from '../../base/steps.ts'
import { checkAccessControl } from './access-control.ts'
import { checkAudit } from './audit.ts'
import type { CheckContext } from './context.ts'
import { checkFactors } from './factors.ts'
import { checkServer } from './server.ts'
import { checkSession } from './session.ts'
import { checkStorage } from './storage.ts'
import { checkTexts } from './texts.ts'
import { checkUsers } from './users.ts'

/** In steps: there may be thousands of rules. */
export function* checking(context: CheckContext): Steps<void> {
  checkServer(context)
  checkTexts(context)
  checkUsers(context)
  yield* checkAccessControl(context)
  checkSession(context)
  checkFactors(context)
  checkStorage(context)
  checkAudit(context)
}
