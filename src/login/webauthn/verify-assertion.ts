// Whether an assertion is one: signed now, for this portal, by the key that is stored (WebAuthn Level 3 §7.2). The counter is its caller's matter,
// who compares and stores it in one step.
import { equalSecret, sha256 } from '../../base/secret.ts'
import type { WebauthnCredential, WebauthnKeys } from '../../storage/webauthn-credential.ts'
import { type AssertionAnswer, isCrossOrigin } from './answers.ts'
import { isGoodKey } from './public-key.ts'
import type { RelyingParty } from './relying-party.ts'

export interface Assertion {
  readonly signCount: number
  readonly userVerified: boolean
  readonly backupState: boolean
}

export interface AssertionExpected {
  readonly rp: RelyingParty
  /** SHA-256 of the challenge. */
  readonly challengeHash: Uint8Array
  readonly credential: WebauthnCredential & WebauthnKeys
  readonly userVerification: boolean
}

/** @returns undefined for whatever isn't one; why is no business of the sender's */
export async function verifyAssertion(
  answer: AssertionAnswer,
  { rp, challengeHash, credential, userVerification }: AssertionExpected,
): Promise<Assertion | undefined> {
  if (credential.kid !== answer.id || credential.rpId !== rp.id) return undefined
  // Another site framed the portal, or poses as if.
  if (isCrossOrigin(answer.clientDataJSON)) return undefined
  // A key that was put into the database by an import, and that anybody could forge.
  if (!(await isGoodKey(credential.publicKey))) return undefined
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: {
        id: answer.id,
        rawId: answer.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: answer.clientDataJSON,
          authenticatorData: answer.authenticatorData,
          signature: answer.signature,
        },
      },
      expectedChallenge: (challenge) => equalSecret(sha256(challenge), challengeHash),
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      expectedType: 'webauthn.get',
      requireUserVerification: userVerification,
      // Count 0 means here: don't compare.
      credential: { id: credential.kid, publicKey: new Uint8Array(credential.publicKey), counter: 0 },
    })
    if (verified !== true) return undefined
    // Whether a key can be copied is fixed when it is made (§7.2 step 18): a change means that it is another key.
    if ((info.credentialDeviceType === 'multiDevice') !== credential.backupEligible) return undefined
    return { signCount: info.newCounter, userVerified: info.userVerified, backupState: info.credentialBackedUp }
  } catch {
    return undefined
  }
}
