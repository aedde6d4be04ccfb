// A mail as it looks, ready to travel: by whatever way, with whatever subject line the way makes of its title.

export interface Message {
  readonly to: { readonly address: string; readonly name: string }
  /** One line. */
  readonly title: string
  readonly text: string
  readonly html: string
}

/** A way that messages leave by. */
export interface Transport {
  /** For people: where it leads. */
  readonly place: string
  /** How many messages may be on their way at once. */
  readonly atOnce: number
  /** Whether it could be used now. @throws DeliveryFailure */
  check(signal: AbortSignal): Promise<void>
  /** @throws DeliveryFailure */
  deliver(message: Message, signal: AbortSignal): Promise<void>
}

export class DeliveryFailure extends Error {
  /**
   * `refused`: this message will never be taken. `later`: not this message, not now. `unreachable`: no message, at the moment.
   */
  readonly kind: 'refused' | 'later' | 'unreachable'

  /** @param reason for the log and the operator; nothing of the message is in it */
  constructor(kind: DeliveryFailure['kind'], reason: string) {
    super(reason)
    this.name = 'DeliveryFailure'
    this.kind = kind
  }
}
