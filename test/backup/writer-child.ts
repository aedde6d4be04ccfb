// Writes pairs of rows that belong together, one transaction each, until it is killed.
import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 5000 })
const add = database.prepare("INSERT INTO preferences VALUES (?, 'totp')")
for (let i = 0; ; i++) {
  database.exec('BEGIN IMMEDIATE')
  add.run(`left-${i}`.padEnd(300))
  add.run(`right-${i}`.padEnd(300))
  database.exec('COMMIT')
  if (i === 200) process.stdout.write('writing\n')
  await new Promise((resolve) => setImmediate(resolve))
}
