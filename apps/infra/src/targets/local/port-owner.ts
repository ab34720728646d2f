import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { CodedError } from '@fast-mcp/errors'
import { errorCode } from '../../error-code.ts'

/**
 * Throws CodedError `port-taken` where another program listens on the port of 127.0.0.1, naming it if that can be
 * found out, and `invalid-environment` for a port this user may not open. `variable` is the one that names the port.
 */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ port, host: '127.0.0.1', exclusive: true }, resolve)
    })
  } catch (cause) {
    if (errorCode(cause) === 'EACCES')
      throw new CodedError('invalid-environment', `${variable} is ${port}, which this user may not open`, {
        remedy: `Set ${variable} to a port above 1023.`,
        cause
      })
    if (errorCode(cause) !== 'EADDRINUSE') throw cause
    const owner = await portOwner(port)
    throw new CodedError(
      'port-taken',
      `port ${port} of 127.0.0.1 is in use by ${owner ?? 'another program'}`,
      { remedy: `End that program, or set ${variable} to another port.`, cause }
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

/** `process 123 (node server.js)` for whatever listens on a port, where this machine says so (Linux, own processes). */
export async function portOwner(port: number): Promise<string | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => read(`/proc/net/${name}`)))
  const sockets = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((i) => `socket:[${i}]`))
  if (sockets.size === 0) return undefined
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const descriptor of descriptors)
      if (sockets.has(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')))
        return `process ${pid} (${(await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').trim()})`
  }
  return undefined
}

// Source: proc(5), /proc/net/tcp: column 2 local address:port in hexadecimal, 4 state (0A is LISTEN), 10 inode.
function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === '0A')
    .map((columns) => columns[9] ?? '')
}

/** A file of /proc; empty where it is not there or not for this user. */
function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
