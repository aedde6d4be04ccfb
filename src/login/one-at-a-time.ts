// Work about one user, one after another, so that parallel guesses can't all be looked at before the first is counted.

export type OneAtATime = <T>(username: string, work: () => Promise<T>) => Promise<T>

export function createOneAtATime(): OneAtATime {
  const turns = new Map<string, Promise<unknown>>()
  return (username, work) => {
    const turn = (turns.get(username) ?? Promise.resolve()).then(work)
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (turns.get(username) === settled) turns.delete(username)
      })
    turns.set(username, settled)
    return turn
  }
}
