// Points in time as people write them on a command line: seconds or milliseconds since the epoch, ISO 8601, or words such as `Jan 2 2030`.

/** Milliseconds since the epoch; UTC where no zone is given. Undefined for what is no date. */
export function readDate(text: string): number | undefined {
  // Nine digits: 1973 and later; fewer are more likely a year than a time.
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1000
  if (/^\d{11,14}$/.test(text)) return Number(text)
  // Date.parse takes almost anything; a date has a year of four digits, a month and a day.
  const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text)
  const words =
    /^(?:[A-Za-z]{3,9},? )?(?:[A-Za-z]{3,9} \d{1,2},?|\d{1,2} [A-Za-z]{3,9})(?: \d{2}:\d{2}(?::\d{2})?)? \d{4}(?: \d{2}:\d{2}(?::\d{2})?)?$/
  if (!iso && !words.test(text)) return undefined
  const time = iso ? Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? 'Z'}`) : Date.parse(`${text} UTC`)
  return Number.isNaN(time) ? undefined : time
}
