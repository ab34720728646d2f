import { BatchGetImageCommand, PutImageCommand, type ECRClient } from '@aws-sdk/client-ecr'
import { versionTag, type Version } from '@fast-mcp/versioning'

/**
 * Gives the image a second tag, `deployed-<sha>`, which the repository's lifecycle rule never expires: what was
 * deployed can be gone back to. An image that has it, or is no longer there, is left as it is.
 */
export async function keepImage(
  client: ECRClient,
  repositoryName: string,
  version: Version,
  imageDigest: string
): Promise<void> {
  const { images = [] } = await client.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest }] })
  )
  const imageManifest = images[0]?.imageManifest
  if (imageManifest === undefined) return
  try {
    await client.send(
      new PutImageCommand({ repositoryName, imageManifest, imageTag: `deployed-${versionTag(version)}` })
    )
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ImageAlreadyExistsException') throw error
  }
}
