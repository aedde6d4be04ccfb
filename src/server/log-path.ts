// The name of the log file: `%d` and `{datetime}` stand for the moment it is opened, `{datetime:2006-01-02}` for that moment in a layout of Go's.
import { formatTime, GoTime, localZone } from '../config/read/template/go-time.ts'

const RFC_3339 = '2006-01-02T15:04:05Z07:00'

/** As Authelia, only the first placeholder counts. @param now milliseconds since the epoch */
export function logPath(written: string | undefined, now: number): string | undefined {
  return written?.replace(/%d|\{datetime(?::([^}]+))?\}/, (_all, layout?: string) =>
    formatTime(new GoTime(now, localZone()), layout ?? RFC_3339),
  )
}
