#!/usr/bin/env node
// Production entry: runs the built program in dist/.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `latchkey needs Node 24 or newer; this is ${process.version}. In a checkout, "npx latchkey" brings its own.\n`,
  )
  process.exit(3)
}
// Libraries print session ids and flags to whoever sets DEBUG.
delete process.env.DEBUG
const { run } = await import('../dist/cli/main.js')
await run(process.argv.slice(2))
