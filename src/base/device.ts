// A browser in words, from its user agent: `Firefox`, `Windows`. For people who look for what they don't know; nothing is decided by it, since
// anybody can send any.

export interface Device {
  /** Undefined: not known. */
  readonly browser: string | undefined
  readonly system: string | undefined
}

/** The first that fits counts: most browsers claim to be several others. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPT|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bDuckDuckGo\/|\bDdg\//, 'DuckDuckGo'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

export function deviceOf(userAgent: string): Device {
  const named = (list: typeof BROWSERS): string | undefined => list.find(([pattern]) => pattern.test(userAgent))?.[1]
  // A program says its name first: `curl/8.5.0`. Only letters, so that nothing odd is shown.
  const program = userAgent.startsWith('Mozilla/') ? undefined : /^[A-Za-z][\w.-]{0,30}(?=\/)/.exec(userAgent)?.[0]
  return { browser: named(BROWSERS) ?? program, system: named(SYSTEMS) }
}
