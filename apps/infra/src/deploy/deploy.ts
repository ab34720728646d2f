import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@fast-mcp/errors'
import { requireRecord } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { configPath, writeConfigFile } from '../config-file.ts'
import { errorCode } from '../error-code.ts'
import { templatePath } from '../template-path.ts'
import type { Deployment, DeploymentTarget } from '../target.ts'
import { readPushedImage } from './pushed-image.ts'
import { recordFailure } from './record-failure.ts'

/**
 * Makes the commit at HEAD live on the target and writes `.config`. Its inputs are checked first: the record of phase
 * catalog for this commit, the digest it pushed, the template.
 *
 * Where the target cannot make it live, the record of phase deploy says so, with the last log lines of the tasks.
 *
 * Throws CodedError `record-missing` and the others of requireRecord, `output-missing`, `output-changed`, and what the
 * target throws.
 */
export async function deploy(workspace: string, target: DeploymentTarget): Promise<Deployment> {
  const version = await readVersion(workspace)
  const record = await requireRecord(workspace, 'catalog', version)
  const image = await readPushedImage(workspace, record)
  const path = templatePath(workspace)
  const template = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (errorCode(cause) !== 'ENOENT') throw cause
    throw new CodedError('output-missing', `${path}, made by infra:synth, is not there`, {
      remedy: 'Run `npx nx run infra:synth`.',
      cause
    })
  })
  const startedAt = new Date()
  const deployment = await target.deploy({ version, image, template }).catch(async (error: unknown) => {
    if (error instanceof CodedError && error.code !== 'aborted')
      await recordFailure({ workspace, target: target.name, version, image, startedAt, error })
    throw error
  })
  await writeConfigFile(join(workspace, configPath), deployment.outputs)
  return deployment
}
