// What every command shares: whatever goes wrong is told by whoever started it (cli/main.ts), in words or with --json as data.
import { Command } from '@oclif/core'

export abstract class BaseCommand extends Command {
  /** oclif would print its own state as JSON, two thousand lines of it, and end a bug of ours with exit code 1. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error)
  }
}
