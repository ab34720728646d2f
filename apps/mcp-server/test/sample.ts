import { openRegistries, type Opened } from '../src/open-registries.ts'

/** The sample registry that build-sample.ts made for all tests. They only read it. */
export function sampleFolder(): string {
  const folder = process.env['SAMPLE_UNDER_TEST']
  if (folder === undefined) throw new Error('test/build-sample.ts did not run')
  return folder
}

/** The sample registry as the server opens it where none is configured. */
export function openSample(): Promise<Opened> {
  return openRegistries({ registries: undefined, stack: undefined, sample: sampleFolder() })
}
