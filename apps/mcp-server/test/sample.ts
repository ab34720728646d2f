import { openRegistries } from '../src/open-registries.ts'
import type { Registries } from '../src/registries.ts'

/** The sample registry that build-sample.ts made for all tests. They only read it. */
export function sampleFolder(): string {
  const folder = process.env['SAMPLE_UNDER_TEST']
  if (folder === undefined) throw new Error('test/build-sample.ts did not run')
  return folder
}

export async function sampleRegistries(): Promise<Registries> {
  return (await openRegistries({ registries: undefined, sample: sampleFolder() })).registries
}
