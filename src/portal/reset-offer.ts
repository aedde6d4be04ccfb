// Whether forgotten passwords are set anew here, and whether links can be asked for.
import type { PortalDeps, PortalSettings } from './portal.ts'
import type { Visit } from './visit.ts'

/** Passwords are reset here, and not somewhere else or not at all. */
export const isResetHere = ({ passwordResetDisabled, passwordResetUrl, resetPassword }: PortalSettings): boolean =>
  !passwordResetDisabled && passwordResetUrl === undefined && resetPassword.secret !== undefined

/** Links can be mailed besides, with an address that is configured. */
export const mayAskForReset = ({ mailer }: Pick<PortalDeps, 'mailer'>, { settings, domain }: Visit): boolean =>
  isResetHere(settings) && mailer.isEnabled && domain.portalUrl !== undefined
