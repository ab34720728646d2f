import { compareRevisions } from './compare-revisions.ts'
import { describePackage } from './describe-package.ts'
import { exploreRegistry } from './explore-registry.ts'
import type { Prompt } from './prompt.ts'
import { publishFolder } from './publish-folder.ts'
import { reviewPackage } from './review-package.ts'

/** Every prompt of the server, in the order of the list. */
export const prompts: readonly Prompt[] = [
  exploreRegistry,
  describePackage,
  compareRevisions,
  publishFolder,
  reviewPackage
]
