// Binds a server to an address of the configuration: TCP, a unix socket or an inherited file descriptor.
import { lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { connect } from 'node:net'
import { Fault } from '../base/fault.ts'
import type { ListenAddress } from '../config/config.ts'

/** @returns where it listens, as text. @throws Fault `address-in-use`, `address-forbidden`, `address-unusable` */
export async function listen(server: Server, address: ListenAddress): Promise<string> {
  try {
    if (address.kind === 'unix') await removeStaleSocket(address.path)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      withUmask(address.kind === 'unix' ? address.umask : undefined, () =>
        server.listen(listenOptions(address), () => {
          server.off('error', reject)
          resolve()
        }),
      )
    })
  } catch (cause) {
    throw unusable(address, cause as NodeJS.ErrnoException)
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return bound ?? `fd ${address.kind === 'fd' ? address.fd : ''}`
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
}

/** A socket's file is made while `listen` is called, not later: no other file gets this umask. */
function withUmask(umask: number | undefined, make: () => unknown): void {
  const before = umask === undefined ? undefined : process.umask(umask)
  try {
    make()
  } finally {
    if (before !== undefined) process.umask(before)
  }
}

function listenOptions(address: ListenAddress): object {
  if (address.kind === 'unix') return { path: address.path }
  if (address.kind === 'fd') return { fd: address.fd }
  const { host, port, family } = address
  if (host !== '') return { host, port, ipv6Only: family === 6 }
  return family === 4 ? { host: '0.0.0.0', port } : { host: '::', port, ipv6Only: family === 6 }
}

/**
 * A socket file that refuses is what a killed server left behind. One that answers, that may not be asked or has no room for a question (somebody
 * listens there), and another kind of file are never removed.
 */
async function removeStaleSocket(path: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (!file?.isSocket()) return
  const refuses = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  })
  if (refuses) rmSync(path, { force: true })
}

const textOf = (address: ListenAddress): string =>
  address.kind === 'tcp'
    ? `${address.host || '*'}:${address.port}`
    : address.kind === 'unix'
      ? address.path
      : `fd ${address.fd}`

function unusable(address: ListenAddress, cause: NodeJS.ErrnoException): Fault {
  const place = textOf(address)
  if (cause.code === 'EADDRINUSE') {
    return new Fault('address-in-use', `${place} is in use by another program.`, {
      hint: 'Stop the other program, or choose another port in server.address.',
      cause,
    })
  }
  // EPERM: what lies at the path is another user's, in a folder where each may remove only what is his.
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new Fault('address-forbidden', `This user may not listen on ${place}.`, {
      hint: 'Choose a port above 1023 in server.address, or a socket folder this user may write to.',
      cause,
    })
  }
  return new Fault('address-unusable', `Can't listen on ${place}: ${cause.message}.`, {
    hint: 'Check server.address.',
    cause,
  })
}
