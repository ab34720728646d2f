import { fromPlain, openRegistry, type WritableRegistry } from '@fast-mcp/quilt'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sampleUri } from '../sample-root.ts'
import { openDataSets, type DataSets } from './data-sets.ts'
import { readme, summary } from './documents.ts'
import { samplePackages, type SamplePackage, type SampleRevision } from './packages.ts'

/**
 * Builds the sample registry into a folder; what was there is replaced once the new one is complete. The same sources
 * give the same bytes. Returns the top hash of each package's latest revision.
 */
export async function buildSample(
  folder: string,
  packages: readonly SamplePackage[] = samplePackages
): Promise<ReadonlyMap<string, string>> {
  await mkdir(dirname(folder), { recursive: true })
  const aside = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`))
  try {
    const registry = openRegistry(pathToFileURL(aside).href, { recordedAt: sampleUri })
    const dataSets = await openDataSets()
    const latest = new Map<string, string>()
    for (const one of packages)
      for (const revision of one.revisions)
        latest.set(one.name, await push(registry, one, revision, dataSets))
    await settle(aside, new Date(Math.max(...packages.flatMap(pushTimes)) * 1000))
    await rm(folder, { recursive: true, force: true })
    await rename(aside, folder)
    return latest
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function push(
  registry: WritableRegistry,
  one: SamplePackage,
  revision: SampleRevision,
  dataSets: DataSets
): Promise<string> {
  const builder = registry
    .newPackage()
    .setMeta(fromPlain(revision.meta))
    .set('README.md', Buffer.from(readme(one, revision, dataSets)))
    .set('quilt_summarize.json', Buffer.from(summary(one, revision)))
  for (const [key, name] of Object.entries(revision.data)) builder.set(key, { file: dataSets.get(name).file })
  const { topHash } = await builder.push(one.name, {
    message: revision.message,
    now: new Date(revision.pushedAt * 1000),
    // The new revision holds everything it lists, so it does not build on the one before.
    force: true,
    select: 'all'
  })
  return topHash
}

function pushTimes({ revisions }: SamplePackage): readonly number[] {
  return revisions.map(({ pushedAt }) => pushedAt)
}

/** Gives everything in a folder the same time, and lets every user read it, as the server in a container has to. */
async function settle(folder: string, time: Date): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    await chmod(path, entry.isDirectory() ? 0o755 : 0o644)
    await utimes(path, time, time)
  }
  await chmod(folder, 0o755)
  await utimes(folder, time, time)
}
