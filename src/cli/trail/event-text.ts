// Security events for people and for programs: rows of a table, a line each, or JSON.
import type { StoredEvent } from '../../storage/events.ts'
import { moment, table, visible } from '../terminal/table.ts'
import { deviceText } from './device-text.ts'

/** Characters of a session's hash that are shown; `sessions` shows as many. */
const HANDLE = 12

export const eventTable = (events: readonly StoredEvent[]): string =>
  table(
    ['Time', 'Event', 'User', 'From', 'About', 'Reason', 'Session', 'Times', 'Browser'],
    events.map((event) => [
      moment(event.time),
      event.kind,
      event.username || undefined,
      event.from || undefined,
      event.subject || undefined,
      event.reason || undefined,
      event.session.slice(0, HANDLE) || undefined,
      event.times > 1 ? event.times : undefined,
      deviceText(event.userAgent) || undefined,
    ]),
  )

/** The time, the kind, and what there is to say as `name=value`; a value with anything but plain characters is JSON. */
export function eventLine(event: StoredEvent): string {
  const { time, kind, from, username, subject, reason, session, times, userAgent } = event
  const facts: readonly (readonly [string, string])[] = [
    ['from', from],
    ['user', username],
    ['about', subject],
    ['reason', reason],
    ['session', session.slice(0, HANDLE)],
    ['times', times > 1 ? String(times) : ''],
    ['browser', userAgent],
  ]
  const said = facts.filter(([, value]) => value !== '').map(([name, value]) => ` ${name}=${plain(value)}`)
  return `${new Date(time).toISOString()} ${plain(kind)}${said.join('')}`
}

const plain = (value: string): string => (/^[\w./:@+-]+$/.test(value) ? value : visible(JSON.stringify(value)))

/** One line; every field is always there, '' where there is nothing to say. */
export const eventJson = ({ time, lastTime, ...rest }: StoredEvent): string =>
  visible(JSON.stringify({ time: new Date(time).toISOString(), lastTime: new Date(lastTime).toISOString(), ...rest }))
