// The table totp_configurations: one one-time-code device a user, its secret encrypted, its last consumed step.

export type TotpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512'
