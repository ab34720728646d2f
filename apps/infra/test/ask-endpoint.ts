import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:https'
import type { DeploymentPaths } from '../src/targets/local/deployment-paths.ts'

export interface EndpointAnswer {
  readonly status: number
  /** What the answer names as `revision` and `pid`, where it does. */
  readonly revision: string
  readonly pid: number
}

/** GET through the load balancer, on a connection of its own, trusting the workspace's authority alone. */
export async function askEndpoint(
  paths: DeploymentPaths,
  port: number,
  path: string
): Promise<EndpointAnswer> {
  const ca = readFileSync(paths.authority, 'utf8')
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false })
    const request = get({ host: 'localhost', port, path, ca, agent, timeout: 10_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        const revision = /"revision":"([^"]*)"/.exec(body)?.[1] ?? ''
        const pid = Number(/"pid":(\d+)/.exec(body)?.[1])
        resolve({ status: response.statusCode ?? 0, revision, pid })
      })
      response.on('error', reject)
    })
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('no answer within 10 s')))
  })
}
