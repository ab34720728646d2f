export { prepareEngine, isolatedStore, engineFolder, type EngineEnvironment } from './engine-environment.ts'
export { findEngine, howToInstall, type FindEngineOptions } from './find-engine.ts'
export type {
  CommandResult,
  ContainerLogs,
  ContainerState,
  Engine,
  PublishedPort,
  RunningContainer,
  RunOptions
} from './engine.ts'
export { readOciArchive, type OciArchive, type OciLayer } from './oci-archive.ts'
export { scanLayers, type LayerFile } from './oci-layers.ts'
export type { ImageConfig, OciManifest } from './oci-schema.ts'
export {
  imageRegistry,
  type ImageRegistry,
  type ImageRegistryOptions,
  type RegistryManifest
} from './image-registry.ts'
export { registryCredentials, type RegistryCredentials } from './registry-credentials.ts'
export { dockerLogin, type DockerLoginOptions } from './docker-login.ts'
export { removeStore } from './remove-store.ts'
export { removeStoreFolder } from './remove-store-folder.ts'
export { localRegistry, type LocalRegistry, type LocalRegistryStatus } from './local-registry.ts'
export { attachReferrer, type ReferrerOptions } from './attach-referrer.ts'
export { pushArchive, type PushArchiveOptions, type PushedImage } from './push-archive.ts'
export { eachTarEntry, type TarEntry } from './tar-entries.ts'
export { packTar, type TarContent } from './pack-tar.ts'
export { writeOciArchive, type BaseImageContent, type WrittenArchive } from './write-oci-archive.ts'
