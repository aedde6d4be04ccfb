// Methods as rules know them.

/** Upper-case letters only (Authelia's rule): servers disagree on whether `get` is GET, and a rule about GET must not be slipped past that way. */
export const isMethod = (method: string): boolean => method === 'GET' || /^[A-Z]{1,32}$/.test(method)
