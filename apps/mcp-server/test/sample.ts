import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { openRegistries } from '../src/open-registries.ts'
import type { Registries } from '../src/registries.ts'
import { buildSample } from '../src/sample/build.ts'

let folder: Promise<string> | undefined

/** The sample registry in a temporary folder, built once for a file of tests and removed after it. */
export function sampleFolder(): Promise<string> {
  return (folder ??= build())
}

export async function sampleRegistries(): Promise<Registries> {
  return (await openRegistries({ registries: undefined, sample: await sampleFolder() })).registries
}

async function build(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'sample-')), 'registry')
  await buildSample(path)
  return path
}

afterAll(async () => {
  if (folder !== undefined) await rm(join(await folder, '..'), { recursive: true })
})
