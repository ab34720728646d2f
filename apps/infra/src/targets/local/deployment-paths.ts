import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where the local target keeps things, all inside the workspace but perhaps one socket. Absolute paths. */
export interface DeploymentPaths {
  /** `.local/deployment`. */
  readonly folder: string
  readonly state: string
  /** Certificate of the authority, PEM. */
  readonly authority: string
  /** Private key of the authority, PEM, mode 600. */
  readonly authorityKey: string
  /** Certificate and private key of the endpoint in one PEM file, mode 600, as HAProxy reads it. */
  readonly leaf: string
  readonly proxyConfig: string
  readonly proxyPid: string
  readonly proxyLog: string
  /** HAProxy's admin socket. */
  readonly proxySocket: string
  /** One `<task>.log` for every task that is gone, and HAProxy's. */
  readonly logs: string
  /** `.config` at the root of the workspace. */
  readonly dotenv: string
}

// HAProxy binds `<path>.<pid>.tmp` first, and a socket's path has at most 107 bytes. Source: unix(7), sun_path.
const longestSocketPath = 107 - '.4194304.tmp'.length

/** The paths of a workspace's deployment. Creates nothing. */
export function deploymentPaths(workspace: string): DeploymentPaths {
  const folder = join(workspace, '.local/deployment')
  const socket = join(folder, 'haproxy/admin.sock')
  return {
    folder,
    state: join(folder, 'state.json'),
    authority: join(folder, 'ca/ca.pem'),
    authorityKey: join(folder, 'ca/ca-key.pem'),
    leaf: join(folder, 'ca/localhost.pem'),
    proxyConfig: join(folder, 'haproxy/haproxy.cfg'),
    proxyPid: join(folder, 'haproxy/pid'),
    proxyLog: join(folder, 'logs/haproxy.log'),
    proxySocket:
      Buffer.byteLength(socket) <= longestSocketPath
        ? socket
        : join(tmpdir(), `fast-mcp-${workspaceId(workspace)}`, 'admin.sock'),
    logs: join(folder, 'logs'),
    dotenv: join(workspace, '.config')
  }
}

/** 12 hexadecimal digits that name a workspace on this machine, from its real path. Labels its containers. */
export function workspaceId(workspace: string): string {
  return createHash('sha256').update(realpathSync(workspace)).digest('hex').slice(0, 12)
}
