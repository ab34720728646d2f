import { CodedError } from '@fast-mcp/errors'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'

export interface LiveEndpoint {
  readonly url: string
  /** File with the certificate authority of the deployment; undefined where it is one that everybody trusts. */
  readonly ca: string | undefined
}

/**
 * What `.config` says is deployed. It is read as dotenv text and never executed. Throws CodedError `not-deployed` where
 * there is no `.config`, `state-invalid` where it names no endpoint.
 */
export async function liveEndpoint(workspace: string): Promise<LiveEndpoint> {
  const path = join(workspace, '.config')
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CodedError('not-deployed', `no URL was given, and there is no ${path}: nothing is deployed`, {
      remedy: 'Run `make deploy`, name a URL, or use -l for a server on this machine.',
      cause: error
    })
  })
  const { MCP_ENDPOINT: url, CA_CERTIFICATE: ca } = parseEnv(text)
  if (url === undefined || !URL.canParse(url))
    throw new CodedError(
      'state-invalid',
      `MCP_ENDPOINT in ${path} is ${url === undefined ? 'not there' : JSON.stringify(url)}, expected a URL`,
      { remedy: 'Run `make deploy`, which writes .config again, or name a URL.' }
    )
  return { url, ca: ca === undefined || ca === '' ? undefined : resolve(workspace, ca) }
}
