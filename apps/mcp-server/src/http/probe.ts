import { get } from 'node:http'
import type { Config } from '../config.ts'

const timeoutMilliseconds = 2000

/**
 * Whether a server on this machine answers /health with 200, within two seconds. Undefined if so, else the reason.
 * A container's health check without curl.
 */
export function probe({ host, port }: Pick<Config, 'host' | 'port'>): Promise<string | undefined> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new Promise((resolve) => {
    const request = get(
      { host: address, port, path: '/health', agent: false, timeout: timeoutMilliseconds },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200 ? undefined : `/health answered ${String(response.statusCode)}`)
      }
    )
    request.on('timeout', () => request.destroy(new Error('no answer within 2 seconds')))
    request.on('error', (error) => {
      resolve(error.message)
    })
  })
}
