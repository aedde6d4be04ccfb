// Codes, links and their counters in memory, for tests of the login: the contract's behaviour, each call a turn of the event loop.
import type { OneTimeCode, OneTimeCodesRepository } from '../../src/storage/one-time-codes.ts'
import type { ProofAttemptsRepository } from '../../src/storage/proof-attempts.ts'
import type { ResetTicket, ResetToken, ResetTokensRepository } from '../../src/storage/reset-tokens.ts'

export interface MemoryProofs {
  readonly codes: OneTimeCodesRepository
  readonly resets: ResetTokensRepository
  readonly proofAttempts: ProofAttemptsRepository
}

type Kept<T> = T & { isOver?: boolean; grant?: { readonly id: string; readonly expiresAt: number } }

/** @param turn as long as a database takes; it rejects where it can't be asked */
export function memoryProofs(turn: () => Promise<void> = async () => {}): MemoryProofs {
  const codes: Kept<OneTimeCode>[] = []
  const resets: Kept<ResetToken>[] = []
  const attempts = new Map<string, { attempts: number; since: number }>()
  const end = (kept: { isOver?: boolean } | undefined): boolean => {
    if (kept) kept.isOver = true
    return kept !== undefined
  }
  const endAll = (all: readonly Kept<{ readonly username: string }>[], username: string): void => {
    for (const kept of all) if (kept.username === username) kept.isOver = true
  }
  const ticketOf = ({ kind, id }: ResetTicket, now: number) =>
    resets.find((token) => {
      if (token.isOver) return false
      if (kind === 'grant') return token.grant?.id === id && token.grant.expiresAt > now
      return token.id === id && token.grant === undefined && token.expiresAt > now
    })
  const prune = <T extends { readonly expiresAt: number }>(all: T[], before: number): number => {
    const kept = all.filter(({ expiresAt }) => expiresAt >= before)
    return all.splice(0, all.length, ...kept).length - kept.length
  }

  return {
    codes: {
      async add(code) {
        await turn()
        for (const kept of codes) if (kept.username === code.username && kept.intent === code.intent) kept.isOver = true
        codes.push({ ...code })
      },
      async newest(intent, username, session, now) {
        await turn()
        return codes.findLast(
          (code) =>
            !code.isOver &&
            code.expiresAt > now &&
            code.intent === intent &&
            code.username === username &&
            code.session === session,
        )
      },
      async consume(id, now) {
        await turn()
        return end(codes.find((code) => code.id === id && !code.isOver && code.expiresAt > now))
      },
      async revoke(id, now) {
        await turn()
        const found = codes.find((code) => code.id === id && !code.isOver && code.expiresAt > now)
        end(found)
        return found?.username
      },
      async endAll(username) {
        await turn()
        endAll(codes, username)
      },
      prune: async (before) => prune(codes, before),
    },
    resets: {
      async add(token) {
        await turn()
        endAll(resets, token.username)
        resets.push({ ...token })
      },
      async find(ticket, now) {
        await turn()
        return ticketOf(ticket, now)
      },
      async consume(ticket, now) {
        await turn()
        return end(ticketOf(ticket, now))
      },
      async exchange(id, grant, expiresAt, now) {
        await turn()
        const token = ticketOf({ kind: 'token', id }, now)
        if (token) token.grant = { id: grant, expiresAt }
        return token !== undefined
      },
      async revoke(id, now) {
        await turn()
        const token =
          ticketOf({ kind: 'token', id }, now) ??
          resets.find((kept) => kept.id === id && !kept.isOver && (kept.grant?.expiresAt ?? 0) > now)
        end(token)
        return token?.username
      },
      async endAll(username) {
        await turn()
        endAll(resets, username)
      },
      prune: async (before) => prune(resets, before),
    },
    proofAttempts: {
      async count(purpose, subject, window, now) {
        await turn()
        const key = `${purpose} ${subject}`
        const known = attempts.get(key)
        const counted =
          known === undefined || now - known.since >= window
            ? { attempts: 1, since: now }
            : { attempts: known.attempts + 1, since: known.since }
        attempts.set(key, counted)
        return { attempts: counted.attempts, until: counted.since + window }
      },
      async takeBack(purpose, subject) {
        await turn()
        const known = attempts.get(`${purpose} ${subject}`)
        if (known) known.attempts = Math.max(0, known.attempts - 1)
      },
      async clear(purpose, subject) {
        await turn()
        attempts.delete(`${purpose} ${subject}`)
      },
      async prune(before) {
        const old = [...attempts].filter(([, { since }]) => since < before)
        for (const [key] of old) attempts.delete(key)
        return old.length
      },
    },
  }
}
