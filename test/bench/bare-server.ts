// What the gate is measured against: a bare node:http server that answers every request with the headers of an allowed one, and does nothing else.
import { createServer } from 'node:http'

const server = createServer((_request, response) => {
  response.writeHead(200, {
    'Remote-User': 'user0001',
    'Remote-Groups': 'admins,family',
    'Remote-Name': 'User 0001',
    'Remote-Email': 'user0001@example.com',
    'Cache-Control': 'no-store',
    'Content-Length': '0',
  })
  response.end()
})
server.keepAliveTimeout = 120_000
server.listen(Number(process.argv[2]), '127.0.0.1')
