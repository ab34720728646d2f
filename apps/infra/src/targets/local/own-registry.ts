import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { parseImageReference } from '@fast-mcp/versioning'

/** One that has died refuses at once; only for one that hangs is there anything to wait for. */
const answerLimitMs = 2000

/** `127.0.0.1:<port>` where an image comes from the registry that the workspace runs itself; undefined for any other. */
export function ownRegistryHost(workspace: string, reference: string): string | undefined {
  const { registry } = parseImageReference(reference)
  const isOwn = registry?.startsWith('127.0.0.1:') === true
  return isOwn && existsSync(join(workspace, '.local/registry/state.json')) ? registry : undefined
}

/** Whether a registry on this machine answers. Source: OCI Distribution Specification 1.1, "Determining Support". */
export function registryAnswers(host: string): Promise<boolean> {
  const [address = '', port] = host.split(':')
  return new Promise((resolve) => {
    // One line of HTTP: loading an HTTP client takes longer than all the rest of the status.
    const socket = connect({ host: address, port: Number(port), timeout: answerLimitMs })
    let answer = ''
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
    socket.on('connect', () =>
      socket.write(`GET /v2/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    )
    socket.on('timeout', () => socket.destroy())
    // An error is followed by close.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(/^HTTP\/1\.[01] 200 /.test(answer))
    })
  })
}
