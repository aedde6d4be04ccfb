// What the gate is measured against: a bare node:http server that answers every request with the headers of an allowed one, and does nothing else.
import { createServer } from 'node:http'

const server = createServer((_request, response) => {
  response.writeHead(200, {
    'Content-Length': '0',
    'Cache-Control': 'no-store',
    'Remote-User': 'user0001',
    'Remote-Groups': 'admins,family',
    'Remote-Name': 'User 0001',
    'Remote-Email': 'user0001@example.com',
  })
  response.end()
})
server.keepAliveTimeout = 120_000
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address ? address.port : ''}\n`)
})
