// Asks a running server over its admin socket. A stand-in of the same shape until the server has that socket: it never finds one.

export type ServerAnswer = { readonly kind: 'answered'; readonly value: unknown } | { readonly kind: 'no-server' }

/** @param storagePath of the database that the server holds; its socket lies beside it */
export async function callServer(_storagePath: string, _action: string, _params: unknown): Promise<ServerAnswer> {
  return { kind: 'no-server' }
}
