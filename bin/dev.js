#!/usr/bin/env node
// Development entry: runs the TypeScript sources as they are.
// Libraries print session ids and flags to whoever sets DEBUG.
delete process.env.DEBUG
const { run } = await import('../src/cli/main.ts')
await run(process.argv.slice(2))
