// The server of the reload stories: as `latchkey serve` runs it, but each answer says which snapshot it is from.
import { printFailure } from '../../src/cli/failures/failure.ts'
import { serve, serveFlags } from '../../src/cli/serve.ts'

try {
  const flags = serveFlags(process.argv.slice(2))
  if (flags === undefined) throw new Error('these are no flags of serve')
  await serve(flags, { snapshotHeader: 'X-Latchkey-Snapshot' })
} catch (error) {
  process.exitCode = printFailure(error, false)
}
