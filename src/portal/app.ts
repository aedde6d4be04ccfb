// The portal: an Express app that puts security headers on everything, answers on its own hosts over https only, and leads to pages and JSON API.
import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express'
import { createTotpEnrolment } from '../login/totp-enrolment.ts'
import { createWebauthn } from '../login/webauthn/create-webauthn.ts'
import { createApi } from './api/router.ts'
import { getActivity } from './handlers/account/activity.ts'
import { ACCOUNT, ACTIVITY, PREFERENCES, SECURITY, SESSIONS } from './handlers/account/frame.ts'
import { getAccount } from './handlers/account/overview.ts'
import {
  getRemovePasskey,
  getRenamePasskey,
  postRemovePasskey,
  postRenamePasskey,
  REMOVE_PASSKEY,
  RENAME_PASSKEY,
} from './handlers/account/passkeys.ts'
import { getPreferences, postPreferences } from './handlers/account/preferences.ts'
import {
  getNewCodes,
  getRemoveCodes,
  NEW_CODES,
  postNewCodes,
  postRemoveCodes,
  REMOVE_CODES,
} from './handlers/account/recovery-codes.ts'
import { getRemoveTotp, postRemoveTotp, REMOVE_TOTP } from './handlers/account/remove-totp.ts'
import { getSecurity, postForgetBrowsers, postPreferred } from './handlers/account/security.ts'
import { getSessions, postEndOthers, postEndSession } from './handlers/account/sessions.ts'
import { getChangePassword, postChangePassword } from './handlers/change-password.ts'
import { postCode } from './handlers/code.ts'
import { getConfirm, getRevokeCode, postConfirm, postRevokeCode } from './handlers/confirm.ts'
import { type Context, seeOther } from './handlers/context.ts'
import { getHome, postSignIn } from './handlers/home.ts'
import { choosing } from './handlers/language.ts'
import { showMessage } from './handlers/messages.ts'
import { getPasskeyRegistration, postPasskey, postPasskeyRegistration, postPasskeySignIn } from './handlers/passkey.ts'
import { getDevice, postDevice } from './handlers/push/device.ts'
import { getPasscode, postPasscode } from './handlers/push/passcode.ts'
import { DEVICE_PAGE, getPush, PASSCODE_PAGE, PUSH_PAGE, postPush, WAIT_PAGE } from './handlers/push/push.ts'
import { getWait } from './handlers/push/wait.ts'
import { postRecovery } from './handlers/recovery.ts'
import { getRegistration, postFirstCode } from './handlers/registration.ts'
import {
  getAskForReset,
  getReset,
  getRevokeReset,
  postAskForReset,
  postReset,
  postRevokeReset,
} from './handlers/reset-password.ts'
import { getSecondFactor } from './handlers/second-factor.ts'
import { postSecondPassword } from './handlers/second-password.ts'
import { getSignOut, postSignOut } from './handlers/sign-out.ts'
import { tellingNewSignIns } from './new-sign-in.ts'
import { mayPostForm } from './origin.ts'
import type { Portal, PortalDeps } from './portal.ts'
import { createRateLimits } from './rate-limits.ts'
import { securityHeaders } from './security-headers.ts'
import { createScreen, rememberBase } from './view/screen.ts'
import { type Arrival, findVisit, placeOf, rememberVisit, visitOf } from './visit.ts'

/** Bytes of a form: an address to return to and a few short fields. */
const MAX_FORM = 64 * 1024

/** Who asks and for which host, by the rules about trusted proxies (src/forwarded). */
export type ArrivalOf = (request: IncomingMessage) => Arrival

/** Loads and compiles all pages and files at once; a broken template is found here. */
export function createPortal(given: PortalDeps, arrivalOf: ArrivalOf): Portal {
  const deps = { ...given, sessions: tellingNewSignIns(given) }
  const { log, clock } = deps
  const enrolment = createTotpEnrolment({ codes: deps.storage.totp, clock, random: randomBytes })
  const webauthn = createWebauthn({ storage: deps.storage, audit: deps.audit, clock, random: randomBytes, log })
  // One limit for form and API: whoever has used it up at the one hasn't got another at the other.
  const limits = createRateLimits(clock)
  const screen = createScreen(deps.settings, (weakness) => log.warn({ key: 'server.headers.csp_template' }, weakness))
  const context: Context = { deps, screen, enrolment, webauthn, limits }

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', 'simple')

  app.use(securityHeaders())
  // All three in one turn: one configuration for the whole request.
  app.use((request, _response, next) => {
    takeBaseOff(request, deps.settings().basePath)
    next()
  })
  app.use((request, response, next) => {
    if (!screen.files(deps.settings()).serve(request.path, request, response)) next()
  })
  app.use((request, response, next) => {
    const place = placeOf(deps.settings(), { ...arrivalOf(request), userAgent: request.headers['user-agent'] })
    if (place.kind === 'portal') rememberVisit(request, place.visit)
    // The API says itself what isn't there, and health answers anywhere.
    else if (!request.path.startsWith('/api/')) return showMessage(context, request, response, undefined, place.kind)
    next()
  })
  app.use(createApi(deps, enrolment, webauthn, limits))
  app.use(pages(context))
  app.use((request, response) => {
    if (isForPrograms(request.path)) return sendText(response, 404, '404 Not Found')
    showMessage(context, request, response, visitOf(request), 'not-found')
  })
  app.use(failed(context))
  return Object.assign(app as unknown as RequestListener, { prepare: screen.prepare })
}

function pages(context: Context): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const shown = new Set<string>()
  const form = [onlyOwnForms(context), express.urlencoded({ extended: false, limit: MAX_FORM, parameterLimit: 20 })]
  const page = (
    path: string,
    get: ((context: Context, request: Request, response: Response) => Promise<void>) | undefined,
    post: ((context: Context, request: Request, response: Response) => Promise<void>) | undefined,
  ): void => {
    const route = router.route(path)
    if (get) shown.add(path)
    if (get) route.get((request, response) => get(context, request, response))
    if (post) route.post(form, (request: Request, response: Response) => post(context, request, response))
    route.all((_request, response) => {
      response.setHeader('Allow', [...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])].join(', '))
      sendText(response, 405, '405 Method Not Allowed')
    })
  }
  page('/', getHome, postSignIn)
  page('/2fa', getSecondFactor(), postCode)
  page('/2fa/one-time-password', getSecondFactor('totp'), postCode)
  page('/2fa/webauthn', getSecondFactor('webauthn'), postPasskey)
  page('/2fa/password', getSecondFactor('password'), postSecondPassword)
  page('/passkey', undefined, postPasskeySignIn)
  page('/register/passkey', getPasskeyRegistration, postPasskeyRegistration)
  page(PUSH_PAGE, getPush, postPush)
  page(WAIT_PAGE, getWait, undefined)
  page(DEVICE_PAGE, getDevice, postDevice)
  page(PASSCODE_PAGE, getPasscode, postPasscode)
  page('/confirm', getConfirm, postConfirm)
  page('/revoke/one-time-code', getRevokeCode, postRevokeCode)
  page('/account/password', getChangePassword, postChangePassword)
  page('/reset-password/step1', getAskForReset, postAskForReset)
  page('/reset-password/step2', getReset, postReset)
  page('/revoke/reset-password', getRevokeReset, postRevokeReset)
  page('/register/one-time-code', getRegistration, undefined)
  page('/register/one-time-code/confirm', undefined, postFirstCode)
  page('/2fa/recovery-code', getSecondFactor('recovery'), postRecovery)
  page(ACCOUNT, getAccount, undefined)
  page(SECURITY, getSecurity, undefined)
  page('/account/security/preferred', undefined, postPreferred)
  page('/account/security/forget-browsers', undefined, postForgetBrowsers)
  page(RENAME_PASSKEY, getRenamePasskey, postRenamePasskey)
  page(REMOVE_PASSKEY, getRemovePasskey, postRemovePasskey)
  page(REMOVE_TOTP, getRemoveTotp, postRemoveTotp)
  page(NEW_CODES, getNewCodes, postNewCodes)
  page(REMOVE_CODES, getRemoveCodes, postRemoveCodes)
  page(SESSIONS, getSessions, undefined)
  page('/account/sessions/end', undefined, postEndSession)
  page('/account/sessions/end-others', undefined, postEndOthers)
  page(ACTIVITY, getActivity, undefined)
  page(PREFERENCES, getPreferences, postPreferences)
  // Authelia's addresses of the same.
  page('/settings', leadTo(ACCOUNT), undefined)
  page('/settings/security', leadTo(SECURITY), undefined)
  page('/settings/two-factor-authentication', leadTo(SECURITY), undefined)
  page('/logout', getSignOut, postSignOut)
  page('/language', undefined, choosing(shown))
  return router
}

const leadTo = (path: string) => async (_context: Context, request: Request, response: Response) =>
  seeOther(request, response, path)

/** Before the body is read: a form that another site's page sent does nothing. */
const onlyOwnForms =
  (context: Context): RequestHandler =>
  (request, response, next) => {
    const visit = visitOf(request)
    if (mayPostForm(request.headers, visit.origin)) return next()
    showMessage(context, request, response, visit, 'cross-site')
  }

/** `/segment/x` is `/x` of a portal whose links begin with `/segment`. */
function takeBaseOff(request: Request, basePath: string): void {
  if (basePath === '' || !(request.path === basePath || request.path.startsWith(`${basePath}/`))) return
  const rest = request.url.slice(basePath.length)
  request.url = rest.startsWith('/') ? rest : `/${rest}`
  rememberBase(request, basePath)
}

const isForPrograms = (path: string): boolean => /^\/(?:api|\.well-known|static|locales)(?:\/|$)/.test(path)

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(text)
}

/** What the request got wrong is a 4xx; everything else is a bug, shown with an id and never with its stack. */
const failed =
  (context: Context): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const status = clientFault(error)
    const reference = randomUUID()
    if (status === undefined)
      context.deps.log.error({ id: reference, path: request.path, err: describe(error) }, 'the portal failed to answer')
    if (response.headersSent) return void response.destroy()
    if (isForPrograms(request.path))
      return void response.status(status ?? 500).json({
        status: 'KO',
        message: status === undefined ? `Operation failed (${reference}).` : 'Operation failed.',
      })
    const message = status === undefined ? 'error' : 'bad-request'
    const details = status === undefined ? { reference } : { status }
    showMessage(context, request, response, findVisit(request), message, details)
  }

/** Errors of the body parser and of Express carry a status below 500. */
function clientFault(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
