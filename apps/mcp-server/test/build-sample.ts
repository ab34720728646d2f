import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSample } from '../src/sample/build.ts'

/** Before all tests: builds the sample registry once, into a temporary folder that SAMPLE_UNDER_TEST names. */
export default async function setUp(): Promise<void> {
  const folder = join(await mkdtemp(join(tmpdir(), 'sample-')), 'registry')
  await buildSample(folder)
  process.env['SAMPLE_UNDER_TEST'] = folder
}
