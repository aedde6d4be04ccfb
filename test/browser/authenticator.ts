// A device that keeps passkeys, as Chromium imitates it for its debugger.
import type { CDPSession, Page } from 'playwright-core'

/** Chromium's own, driven by its debugger. */
export class VirtualAuthenticator {
  readonly #devtools: CDPSession
  readonly #id: string
  constructor(devtools: CDPSession, id: string) {
    this.#devtools = devtools
    this.#id = id
  }

  static async at(page: Page): Promise<VirtualAuthenticator> {
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable', { enableUI: false })
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    return new VirtualAuthenticator(devtools, authenticatorId)
  }

  async keys() {
    const { credentials } = await this.#devtools.send('WebAuthn.getCredentials', { authenticatorId: this.#id })
    return credentials
  }

  /** The key with another count, as a copy that was made before has it. */
  async setCount(signCount: number): Promise<void> {
    for (const credential of await this.keys()) {
      await this.#devtools.send('WebAuthn.removeCredential', {
        authenticatorId: this.#id,
        credentialId: credential.credentialId,
      })
      await this.#devtools.send('WebAuthn.addCredential', {
        authenticatorId: this.#id,
        credential: { ...credential, signCount },
      })
    }
  }

  /** Keys that another one keeps, as a cloud brings them to a new device. */
  async bring(credentials: Awaited<ReturnType<VirtualAuthenticator['keys']>>): Promise<void> {
    for (const credential of credentials)
      await this.#devtools.send('WebAuthn.addCredential', { authenticatorId: this.#id, credential })
  }

  async forget(credentialId: string): Promise<void> {
    await this.#devtools.send('WebAuthn.removeCredential', { authenticatorId: this.#id, credentialId })
  }

  async setVerified(isUserVerified: boolean): Promise<void> {
    await this.#devtools.send('WebAuthn.setUserVerified', { authenticatorId: this.#id, isUserVerified })
  }

  /** Whether somebody touches it at once. */
  async setPresent(enabled: boolean): Promise<void> {
    await this.#devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.#id, enabled })
  }
}
