// What examples/<proxy>/ must hold: the templates of templates/proxy rendered for the site of the examples.
import { EXAMPLE_SITE } from '../src/setup/example-site.ts'
import { PROXY_NAMES } from '../src/setup/proxy-name.ts'
import { proxyGuide, proxySetup } from '../src/setup/proxy-setup.ts'

/** Path below the project's folder → text. */
export function proxyExamples(): Readonly<Record<string, string>> {
  const options = { example: true }
  return Object.fromEntries(
    PROXY_NAMES.flatMap((proxy) => [
      ...proxySetup(proxy, EXAMPLE_SITE, options).map(({ path, text }) => [`examples/${proxy}/${path}`, text]),
      [`examples/${proxy}/README.md`, proxyGuide(proxy, EXAMPLE_SITE, options)],
    ]),
  )
}
