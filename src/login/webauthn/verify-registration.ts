// Whether a new key is one, made now for this portal, and of a kind that the configuration permits (WebAuthn Level 3 §7.1).
import { equalSecret, sha256 } from '../../base/secret.ts'
import type { WebauthnConfig } from '../../config/config.ts'
import type { WebauthnCredential, WebauthnKeys } from '../../storage/webauthn-credential.ts'
import { isCrossOrigin, type RegistrationAnswer } from './answers.ts'
import { ALGORITHMS, isGoodKey } from './public-key.ts'
import type { RelyingParty } from './relying-party.ts'

export type NewKey = Omit<WebauthnCredential, 'id' | 'username' | 'description' | 'createdAt' | 'lastUsedAt'> &
  WebauthnKeys

export interface RegistrationExpected {
  readonly rp: RelyingParty
  readonly challengeHash: Uint8Array
  readonly config: WebauthnConfig
}

/** `filtered`: it is one, and this configuration doesn't want it. */
export async function verifyRegistration(
  answer: RegistrationAnswer,
  { rp, challengeHash, config }: RegistrationExpected,
): Promise<NewKey | 'not-verified' | 'filtered'> {
  if (isCrossOrigin(answer.clientDataJSON)) return 'not-verified'
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const result = await verifyRegistrationResponse({
    response: {
      id: answer.id,
      rawId: answer.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: answer.clientDataJSON,
        attestationObject: answer.attestationObject,
        transports: [...answer.transports],
      },
    },
    expectedChallenge: (challenge) => equalSecret(sha256(challenge), challengeHash),
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    expectedType: 'webauthn.create',
    requireUserVerification: config.userVerification === 'required',
    supportedAlgorithmIDs: [...ALGORITHMS],
  }).catch(() => undefined)
  if (result?.verified !== true) return 'not-verified'
  const { fmt, aaguid, credential, credentialDeviceType, credentialBackedUp, userVerified } = result.registrationInfo
  // The id that the authenticator signed, not the one that stands beside it.
  if (credential.id !== answer.id || !(await isGoodKey(credential.publicKey))) return 'not-verified'
  const key: NewKey = {
    rpId: rp.id,
    kid: credential.id,
    publicKey: credential.publicKey,
    attestation: attestationJson(answer, result.registrationInfo.attestationObject),
    attestationType: typeOf(fmt, result.registrationInfo.attestationObject),
    attestationFormat: fmt,
    attachment: answer.attachment,
    transports: answer.transports,
    aaguid,
    signCount: credential.counter,
    cloneWarning: false,
    legacy: false,
    discoverable: answer.discoverable,
    present: true,
    verified: userVerified,
    backupEligible: credentialDeviceType === 'multiDevice',
    backupState: credentialBackedUp,
  }
  return isPermitted(key, config) ? key : 'filtered'
}

/** Also of keys that are there already: `storage user webauthn verify` asks. */
export function isPermitted(
  { aaguid, backupEligible, attestationFormat }: Pick<NewKey, 'aaguid' | 'backupEligible' | 'attestationFormat'>,
  { permittedAaguids, prohibitedAaguids, prohibitBackupEligibility, attestation }: WebauthnConfig,
): boolean {
  if (prohibitBackupEligibility && backupEligible) return false
  if (prohibitedAaguids.includes(aaguid)) return false
  if (permittedAaguids.length === 0) return true
  // Without attestation the model is what the browser says it is; who asks for the attestation itself doesn't want to rely on that.
  if (attestation === 'direct' && attestationFormat === 'none') return false
  return permittedAaguids.includes(aaguid)
}

/** As Authelia keeps it, so that it can be taken there. Byte strings are standard base64. */
function attestationJson({ clientDataJSON }: RegistrationAnswer, attestationObject: Uint8Array): Uint8Array {
  const clientData = Buffer.from(clientDataJSON, 'base64url')
  return Buffer.from(
    JSON.stringify({
      clientDataJSON: clientData.toString('base64'),
      clientDataHash: sha256(clientData).toString('base64'),
      object: Buffer.from(attestationObject).toString('base64'),
    }),
  )
}

/** FIDO's names of attestation types, as far as the format tells; `packed` is signed by the key itself where no certificate comes along. */
function typeOf(format: string, attestationObject: Uint8Array): string {
  if (format === 'none') return 'none'
  if (format === 'apple') return 'anonca'
  if (format === 'tpm') return 'attca'
  const hasCertificate = Buffer.from(attestationObject).includes('cx5c')
  return format === 'packed' && !hasCertificate ? 'basic_surrogate' : 'basic_full'
}
