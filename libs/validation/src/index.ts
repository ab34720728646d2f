export {
  deploymentTarget,
  pipelineEnvironment,
  readPipelineEnvironment,
  type DeploymentTarget,
  type PipelineEnvironment
} from './pipeline-environment.ts'
