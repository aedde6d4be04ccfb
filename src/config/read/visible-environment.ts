// The environment as filters may see it: our own secrets are left out, so that a template can't carry them elsewhere.

/** Variables of ours and Authelia's whose name ends like a secret's. */
export function isSecretVariable(name: string): boolean {
  return /^(?:X_)?(?:AUTHELIA|LATCHKEY)_.*(?:KEY|SECRET|PASSWORD|TOKEN|CERTIFICATE_CHAIN)$/i.test(name)
}

/** undefined when it isn't set or not to be seen. */
export function visibleVariable(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return isSecretVariable(name) || !Object.hasOwn(env, name) ? undefined : env[name]
}
