import { authStatus } from './auth-status.ts'
import { bucketsList } from './buckets-list.ts'
import { catalogInfo } from './catalog-info.ts'
import { catalogUri } from './catalog-uri.ts'
import { catalogUrl } from './catalog-url.ts'
import { objectInfo } from './object-info.ts'
import { objectLink } from './object-link.ts'
import { objectRead } from './object-read.ts'
import { objectsList } from './objects-list.ts'
import { objectsPut } from './objects-put.ts'
import { packageBrowse } from './package-browse.ts'
import { packageCreateFromPrefix } from './package-create-from-prefix.ts'
import { packageCreate } from './package-create.ts'
import { packageDelete } from './package-delete.ts'
import { packageDiff } from './package-diff.ts'
import { packageInspect } from './package-inspect.ts'
import { packagePatch } from './package-patch.ts'
import { packageRollback } from './package-rollback.ts'
import { packageVerify } from './package-verify.ts'
import { packageVersions } from './package-versions.ts'
import { packagesList } from './packages-list.ts'
import { search } from './search.ts'
import { serverStatus } from './server-status.ts'
import type { Tool } from './tool.ts'
import { workflowsList } from './workflows-list.ts'

/** Every tool of the server, in the order of the list: by toolset, what reads before what writes. */
export const tools: readonly Tool[] = [
  packagesList,
  packageInspect,
  packageBrowse,
  packageVersions,
  packageDiff,
  packageVerify,
  packageCreate,
  packagePatch,
  packageCreateFromPrefix,
  packageRollback,
  packageDelete,
  bucketsList,
  objectsList,
  objectInfo,
  objectRead,
  objectLink,
  objectsPut,
  search,
  catalogInfo,
  catalogUrl,
  catalogUri,
  authStatus,
  workflowsList,
  serverStatus
]
