import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sampleFolder } from './sample.ts'

/** After all tests: removes what build-sample.ts made. */
export default async function tearDown(): Promise<void> {
  await rm(dirname(sampleFolder()), { recursive: true })
}
