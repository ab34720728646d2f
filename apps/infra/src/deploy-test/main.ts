// The target infra:deploy-test: every check of phase deploy, on what is live; a new version that fails them is taken back.
import { program } from '@fast-mcp/errors'
import { readPipelineEnvironment, requireRecord, withLock } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { readArguments } from '../arguments.ts'
import { readPushedImage } from '../deploy/pushed-image.ts'
import { selectTarget } from '../select-target.ts'
import { proveOrRollBack } from './prove-or-roll-back.ts'

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, { json: { type: 'boolean' } })
  const workspace = process.cwd()
  const environment = readPipelineEnvironment(process.env)
  const target = await selectTarget({ workspace, environment, signal, report: console.error })
  await withLock(workspace, 'infra:deploy-test', async () => {
    const version = await readVersion(workspace)
    const catalog = await requireRecord(workspace, 'catalog', version)
    const image = await readPushedImage(workspace, catalog)
    await proveOrRollBack({ workspace, target, version, image, signal, json: values.json === true })
  })
  return 0
})
