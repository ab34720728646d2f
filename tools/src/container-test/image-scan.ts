import { scanLayers, type OciArchive } from '@fast-mcp/containers'
import { credentialFile, secretsInContent } from './secrets.ts'

export interface LayerSummary {
  readonly digest: string
  /** Bytes of all files. */
  readonly bytes: number
  readonly files: number
  /** Whether it holds files below /app. */
  readonly holdsServer: boolean
  /** Whether it holds files elsewhere. */
  readonly holdsOther: boolean
}

/** What one pass over all layers of an image found. */
export interface ImageScan {
  /** Lowest first. */
  readonly layers: readonly LayerSummary[]
  /** Of any file or folder. */
  readonly newest: Date
  /** `/path: what`, for each secret. */
  readonly secrets: readonly string[]
}

/** Reads every file of every layer. Throws CodedError `archive-invalid` for a damaged layer. */
export async function scanImage(archive: OciArchive): Promise<ImageScan> {
  const layers = new Map(
    archive.layers.map(({ digest }) => [
      digest,
      { digest, bytes: 0, files: 0, holdsServer: false, holdsOther: false }
    ])
  )
  const secrets: string[] = []
  let newest = new Date(0)
  await scanLayers(archive, async ({ layer, path, type, size, modified, content }) => {
    if (modified > newest) newest = modified
    const summary = layers.get(layer)
    if (summary !== undefined && type !== 'folder') {
      summary.bytes += size
      summary.files += 1
      if (path.startsWith('app/')) summary.holdsServer = true
      else summary.holdsOther = true
    }
    if (type !== 'file') return
    const kinds = [credentialFile(path), ...(await secretsInContent(content))]
    for (const what of kinds) if (what !== undefined) secrets.push(`/${path}: ${what}`)
  })
  return { layers: [...layers.values()], newest, secrets }
}
