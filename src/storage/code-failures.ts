// Wrong codes of a user since the last right one. They outlive the codes.

export interface CodeFailures {
  /** Adds one and returns the new number, atomically. */
  countFailure(username: string, now: number): Promise<{ failures: number; lastFailureAt: number }>
  failures(username: string): Promise<{ failures: number; lastFailureAt: number }>
  clearFailures(username: string): Promise<void>
}
