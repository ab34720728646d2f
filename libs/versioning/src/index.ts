export { readVersion, sameVersion, versionTag, type Version } from './version.ts'
export {
  formatImageReference,
  parseImageReference,
  parseRegistry,
  type ImageReference
} from './image-reference.ts'
export { parseEcrHost, requireEcrHost, type EcrRegistry } from './ecr.ts'
