// What signing in is measured against: a program that verifies one password against one hash again and again, so many at once, and does nothing
// else. Says how many a second it managed.
import { parseArgs } from 'node:util'
import argon2 from 'argon2'

const { values } = parseArgs({
  options: {
    hash: { type: 'string' },
    password: { type: 'string' },
    seconds: { type: 'string' },
    atOnce: { type: 'string' },
  },
})
const { hash = '', password = '' } = values
const until = performance.now() + Number(values.seconds) * 1000
const begun = performance.now()
let done = 0
await Promise.all(
  Array.from({ length: Number(values.atOnce) }, async () => {
    while (performance.now() < until) {
      if (!(await argon2.verify(hash, password))) throw new Error('the password does not fit')
      done++
    }
  }),
)
console.log(done / ((performance.now() - begun) / 1000))
