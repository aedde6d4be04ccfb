#!/usr/bin/env node
// Development entry: runs the TypeScript sources as they are.
const { run } = await import('../src/cli/main.ts')
await run(process.argv.slice(2), import.meta.url)
