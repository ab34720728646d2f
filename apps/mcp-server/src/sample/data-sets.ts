import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const dataPackage = z.object({
  version: z.string(),
  resources: z.array(
    z.object({
      path: z.string(),
      description: z.string(),
      licenses: z.array(z.object({ title: z.string().optional(), path: z.string().optional() })).optional(),
      sources: z.array(z.object({ title: z.string() })).optional()
    })
  )
})

/** One file of vega-datasets and what its data package says of it. */
export interface DataSet {
  /** Absolute path. */
  readonly file: string
  /** First sentence of its description, on one line. */
  readonly description: string
  readonly licence: string
  readonly source: string
}

export interface DataSets {
  /** Version of the npm package. */
  readonly version: string
  /** Throws RangeError for a file that is not in the package. */
  get(name: string): DataSet
}

/** The data sets of the npm package vega-datasets. Throws where it is not installed, or describes itself in another way than it did. */
export async function openDataSets(): Promise<DataSets> {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')))
  const { version, resources } = dataPackage.parse(
    JSON.parse(await readFile(join(root, 'datapackage.json'), 'utf8'))
  )
  return {
    version,
    get: (name) => {
      const found = resources.find(({ path }) => path === name)
      if (found === undefined) throw new RangeError(`vega-datasets ${version} has no file ${name}`)
      const [licence] = found.licenses ?? []
      return {
        file: join(root, 'data', name),
        description: firstSentence(found.description),
        licence: licence?.title ?? licence?.path ?? 'see the source',
        source: found.sources?.map(({ title }) => title).join(', ') ?? 'vega-datasets'
      }
    }
  }
}

function firstSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return /^.*?(?<!\bU\.S)\.(?=\s|$)/.exec(line)?.[0] ?? line
}
