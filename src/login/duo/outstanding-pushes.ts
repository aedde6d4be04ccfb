// Pushes that were sent and not yet taken up: one a user, bound to the session that asked for it. In memory: after a restart it is asked for anew.
import type { Clock } from '../../base/clock.ts'
import type { Verdict } from './answers.ts'

/** Milliseconds: Duo gives up after a minute. */
export const PUSH_LIFE = 70_000
/** How long an answer waits for the session that asked (milliseconds). */
const TAKE_UP = 120_000

/** `lost`: Duo couldn't be asked what came of it. */
export type PushAnswer = Verdict | { readonly kind: 'lost' }
export type PushProgress = { readonly kind: 'none' } | { readonly kind: 'waiting' } | PushAnswer

interface Outstanding {
  readonly session: string
  readonly sentAt: number
  answer: PushAnswer | undefined
  readonly answered: Promise<void>
}

export class OutstandingPushes {
  readonly #clock: Clock
  readonly #pushes = new Map<string, Outstanding>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param answer never rejects */
  add(username: string, session: string, answer: Promise<PushAnswer>): void {
    const now = this.#clock.now()
    for (const [name, push] of this.#pushes) if (isOver(push, now)) this.#pushes.delete(name)
    const push: Outstanding = {
      session,
      sentAt: now,
      answer: undefined,
      answered: answer.then((given) => {
        push.answer = given
      }),
    }
    this.#pushes.set(username, push)
  }

  progress(username: string, session: string): PushProgress {
    const push = this.#of(username, session)
    return push ? (push.answer ?? { kind: 'waiting' }) : { kind: 'none' }
  }

  /** Resolves when the push has its answer, or there is none. */
  async answered(username: string, session: string): Promise<void> {
    await this.#of(username, session)?.answered
  }

  /** Takes the answer up: whoever is given it is the only one. */
  take(username: string, session: string): PushProgress {
    const progress = this.progress(username, session)
    if (progress.kind !== 'none' && progress.kind !== 'waiting') this.#pushes.delete(username)
    return progress
  }

  #of(username: string, session: string): Outstanding | undefined {
    const push = this.#pushes.get(username)
    return push?.session === session && !isOver(push, this.#clock.now()) ? push : undefined
  }
}

const isOver = ({ sentAt }: Outstanding, now: number): boolean => now - sentAt >= TAKE_UP || now < sentAt
