// The methods of a time that templates commonly use: `now.Year`, `(toDate …).Format "2006"`.
import { text } from './call.ts'
import { formatTime, GoTime } from './go-time.ts'
import { TemplateError } from './template-error.ts'
import type { Value } from './value.ts'

type Method = (moment: GoTime, args: readonly Value[]) => Value

const part =
  (layout: string): Method =>
  (moment) =>
    BigInt(formatTime(moment, layout))

export const TIME_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['Year', part('2006')],
  ['Day', part('2')],
  ['Hour', part('15')],
  ['Minute', part('4')],
  ['Second', part('5')],
  ['YearDay', part('002')],
  ['Month', (moment) => formatTime(moment, 'January')],
  ['Weekday', (moment) => formatTime(moment, 'Monday')],
  ['Unix', (moment) => BigInt(Math.floor(moment.time / 1000))],
  ['UnixMilli', (moment) => BigInt(moment.time)],
  ['UTC', (moment) => new GoTime(moment.time, 'UTC')],
  [
    'Format',
    (moment, [layout]) => {
      if (typeof layout !== 'string') throw new TemplateError('Format needs a layout in quotes')
      return formatTime(moment, text(layout))
    },
  ],
])
