import { catalogUri } from './catalog-uri.ts'
import { objectRead } from './object-read.ts'
import { packageBrowse } from './package-browse.ts'
import { packageVersions } from './package-versions.ts'
import { packagesList } from './packages-list.ts'
import { serverStatus } from './server-status.ts'
import type { Tool } from './tool.ts'

/** Every tool of the server, in the order of the list. */
export const tools: readonly Tool[] = [
  packagesList,
  packageBrowse,
  packageVersions,
  objectRead,
  catalogUri,
  serverStatus
]
