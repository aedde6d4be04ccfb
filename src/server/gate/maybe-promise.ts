// What is in memory is answered in the same turn of the event loop; only what isn't is a promise.

export type Maybe<T> = T | Promise<T>

/** By class, not by looking for `then`: this is asked of objects of many shapes at every request. */
export const isPromise = <T>(value: Maybe<T>): value is Promise<T> => value instanceof Promise

/** Goes on at once when it can. */
export const andThen = <T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> =>
  isPromise(value) ? value.then(next) : next(value)

/** All of them, in order. */
export const all = <T>(values: readonly Maybe<T>[]): Maybe<readonly T[]> =>
  values.some((value) => isPromise(value)) ? Promise.all(values) : (values as readonly T[])
