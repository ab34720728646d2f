// The target mcp-server:pull: the pushed image of this commit, by digest, in the engine's store.
import { findEngine } from '@fast-mcp/containers'
import { program } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { pull } from './pull.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  const settings = readPipelineEnvironment(process.env)
  const { reference, imageId } = await pull({
    workspace,
    settings,
    engine: await findEngine(workspace, settings, { signal })
  })
  console.log(`pulled ${reference}: ${imageId}`)
  return 0
})
