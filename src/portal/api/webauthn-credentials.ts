// The passkeys of somebody signed in through the API: seeing, making, renaming and removing them.
import type { RegistrationRefusal, Webauthn } from '../../login/webauthn/webauthn.ts'
import type { WebauthnCredential, WebauthnKeys } from '../../storage/webauthn-credential.ts'
import { afterPasskey } from '../account-change.ts'
import { ceremonyAt, passkeysOf, removePasskey, renamePasskey } from '../passkeys.ts'
import { created, ko, MESSAGES, ok } from './answer.ts'
import { readFields } from './json-body.ts'
import type { Route } from './route.ts'

const STATUS: Readonly<Record<RegistrationRefusal, number>> = {
  malformed: 400,
  'no-challenge': 403,
  'not-verified': 403,
  filtered: 403,
  'kid-taken': 409,
  'description-taken': 409,
  'too-many': 403,
}

const isOn: Route['available'] = ({ webauthn }) => !webauthn.disable

export const webauthnCredentialRoutes = (webauthn: Webauthn): readonly Route[] => [
  {
    path: '/api/secondfactor/webauthn/credentials',
    available: isOn,
    methods: {
      GET: {
        access: 'signed-in',
        async handle(call, { user }) {
          const { webauthn: stored } = call.deps.storage
          const passkeys = await passkeysOf(call, user.username)
          const whole = await Promise.all(passkeys.map(({ kid }) => stored.find(kid)))
          const data = whole.flatMap((passkey) => (passkey ? [asAuthelia(passkey)] : []))
          ok(call.response, data.length > 0 ? data : null)
        },
      },
    },
  },
  {
    path: '/api/secondfactor/webauthn/credential/register',
    available: isOn,
    methods: {
      PUT: {
        access: 'elevated',
        async handle({ request, response, visit, body }, { session, user }) {
          const place = ceremonyAt(visit, request)
          const fields = readFields(body, { description: 'string' })
          if (place === undefined || fields === undefined) return ko(response, 400, MESSAGES.keySetUp)
          const who = { ...place, user, session: session.record.key }
          const start = await webauthn.beginRegistration(who, fields.description)
          if (start.kind === 'refused') return ko(response, STATUS[start.reason], MESSAGES.keySetUp)
          ok(response, { publicKey: start.options })
        },
      },
      POST: {
        access: 'elevated',
        async handle(call, { session, user }) {
          const { request, response, visit, body } = call
          const place = ceremonyAt(visit, request)
          if (place === undefined) return ko(response, 403, MESSAGES.keySetUp)
          const who = { ...place, user, session: session.record.key }
          const outcome = await webauthn.finishRegistration(who, answerOf(body))
          if (outcome.kind === 'refused') return ko(response, STATUS[outcome.reason], MESSAGES.keySetUp)
          await afterPasskey(call, { session, user }, 'factor-added', outcome.description)
          created(response)
        },
      },
      DELETE: {
        access: 'elevated',
        async handle({ response }, { session }) {
          await webauthn.abandonRegistration(session.record.key)
          ok(response)
        },
      },
    },
  },
  {
    path: '/api/secondfactor/webauthn/credential/{id}',
    available: isOn,
    methods: {
      PUT: {
        access: 'elevated',
        async handle(call, signedIn) {
          const { response } = call
          const fields = readFields(call.body, { description: 'string' })
          const id = idOf(call.id)
          if (fields === undefined || id === undefined) return ko(response, 400, MESSAGES.failed)
          const renamed = await renamePasskey(call, signedIn, id, fields.description)
          if (renamed === 'renamed') ok(response)
          else ko(response, renamed === 'description-taken' ? 409 : 403, MESSAGES.failed)
        },
      },
      DELETE: {
        access: 'elevated',
        async handle(call, signedIn) {
          const id = idOf(call.id)
          if (id === undefined) return ko(call.response, 400, MESSAGES.failed)
          if (await removePasskey(call, signedIn, id)) ok(call.response)
          else ko(call.response, 403, MESSAGES.failed)
        },
      },
    },
  },
]

const idOf = (text: string): number | undefined => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined)

/** Clients send the answer itself, or as `response` of an object. */
function answerOf(body: Uint8Array): unknown {
  const inner = readFields(body, { response: 'object' })?.response
  if (inner && 'rawId' in inner) return inner
  const { id, rawId, type, authenticatorAttachment, clientExtensionResults, response } =
    readFields(body, {
      id: 'string',
      rawId: 'string',
      type: 'string',
      authenticatorAttachment: 'string',
      clientExtensionResults: 'object',
      response: 'object',
    }) ?? {}
  return { id, rawId, type, authenticatorAttachment, clientExtensionResults, response }
}

const asAuthelia = (passkey: WebauthnCredential & WebauthnKeys) => ({
  id: passkey.id,
  created_at: new Date(passkey.createdAt).toISOString(),
  ...(passkey.lastUsedAt === undefined ? {} : { last_used_at: new Date(passkey.lastUsedAt).toISOString() }),
  rpid: passkey.rpId,
  username: passkey.username,
  description: passkey.description,
  kid: Buffer.from(passkey.kid, 'base64url').toString('base64'),
  ...(passkey.aaguid === '' ? {} : { aaguid: passkey.aaguid }),
  attestation_type: passkey.attestationType,
  attestation_format: passkey.attestationFormat,
  attachment: passkey.attachment,
  transports: passkey.transports.length > 0 ? passkey.transports : null,
  sign_count: passkey.signCount,
  clone_warning: passkey.cloneWarning,
  legacy: passkey.legacy,
  discoverable: passkey.discoverable,
  present: passkey.present,
  verified: passkey.verified,
  backup_eligible: passkey.backupEligible,
  backup_state: passkey.backupState,
  public_key: Buffer.from(passkey.publicKey).toString('base64'),
})
