// The headers every answer of the portal carries, and the content security policy of its pages.
import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

const NO_FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'screen-wake-lock',
  'serial',
  'sync-xhr',
  'usb',
  'xr-spatial-tracking',
]
const PERMISSIONS = [
  ...NO_FEATURES.map((feature) => `${feature}=()`),
  'publickey-credentials-get=(self)',
  'publickey-credentials-create=(self)',
].join(', ')

/**
 * For every answer, errors included; pages replace the policy by `pagePolicy`. HSTS belongs to whoever ends TLS.
 * `same-origin` keeps `rd` from other sites; `no-referrer` would turn the Origin of our own forms into `null`.
 */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: false,
      xFrameOptions: { action: 'deny' },
      xPermittedCrossDomainPolicies: { permittedPolicies: 'none' },
    }),
    (_request, response, next) => {
      response.setHeader('Permissions-Policy', PERMISSIONS)
      response.setHeader('Cache-Control', 'no-store')
      response.setHeader('Pragma', 'no-cache')
      next()
    },
  ]
}

/** 192 bits, new for each page. */
export const newNonce = (): string => randomBytes(24).toString('base64url')

/**
 * Scripts and styles by nonce only. Chromium holds `form-action` against the redirects that follow a form post as well, so the cookie domain
 * and its subdomains are named, on any port.
 * @param template `server.headers.csp_template`, with `${NONCE}`
 */
export function pagePolicy(nonce: string, cookieDomain: string | undefined, template: string | undefined): string {
  if (template !== undefined) return template.replaceAll(NONCE, nonce)
  const wayBack = cookieDomain === undefined ? '' : ` https://${cookieDomain}:* https://*.${cookieDomain}:*`
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    `form-action 'self'${wayBack}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is the placeholder as operators write it
const NONCE = '${NONCE}'

/** What makes an operator's policy weaker than it should be; each one sentence for the log. `refused`: it can't be sent at all. */
export function weaknessesOfPolicy(template: string): {
  readonly refused: boolean
  readonly weaknesses: readonly string[]
} {
  const weaknesses: string[] = []
  const policy = template.toLowerCase()
  // A line break would end the header and begin another one.
  const refused = /[^\t\x20-\x7e]/.test(template)
  if (refused) weaknesses.push('It holds a line break or a character that no header may hold, so it is not used.')
  if (!template.includes(NONCE))
    weaknesses.push(`It lacks ${NONCE}, so the portal's own script and style may be blocked.`)
  for (const word of ["'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'"])
    if (policy.includes(word)) weaknesses.push(`It permits ${word}: an injected script would run.`)
  for (const directive of ['script-src', 'default-src'])
    if (new RegExp(`(?:^|;)\\s*${directive}\\s(?:[^;]*\\s)?(?:\\*|https?:|data:)(?:\\s|;|$)`).test(policy))
      weaknesses.push(`Its ${directive} permits any host.`)
  for (const directive of ['frame-ancestors', 'base-uri', 'form-action'])
    if (!new RegExp(`(?:^|;)\\s*${directive}\\s`).test(policy)) weaknesses.push(`It lacks ${directive}.`)
  return { refused, weaknesses }
}
