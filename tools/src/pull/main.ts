// The target mcp-server:pull: the pushed image of this commit, by digest, in the engine's store.
import { program } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { pull } from './pull.ts'

await program(async ({ signal }) => {
  const settings = readPipelineEnvironment(process.env)
  const { reference, imageId } = await pull({ workspace: process.cwd(), settings, signal })
  console.log(`pulled ${reference}: ${imageId}`)
  return 0
})
