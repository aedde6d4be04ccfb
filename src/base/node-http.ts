// What the server takes from node:http and node:https at run time. An `import` of these reads every export once, and among those of node:http is a
// whole WebSocket client (30 ms and 5 MB at start); asked for in this way, only what is used is loaded. Types are imported from node:http as ever.

export const {
  createServer: createHttpServer,
  IncomingMessage,
  ServerResponse,
  STATUS_CODES,
} = process.getBuiltinModule('node:http')

/** Only a server with TLS needs it. */
export const nodeHttps = (): typeof import('node:https') => process.getBuiltinModule('node:https')
