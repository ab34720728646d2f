export {
  deploymentTarget,
  pipelineEnvironment,
  readPipelineEnvironment,
  type DeploymentTarget,
  type PipelineEnvironment
} from './pipeline-environment.ts'
export { awsPlace } from './aws-environment.ts'
export { phaseBefore, phases, type Check, type Finding, type Phase, type Probe } from './check.ts'
export { contracts } from './contract.ts'
export { type Artifact, type CheckRow, type PhaseRecord } from './record/phase-record.ts'
export { readDetails, type RecordDetails } from './record/details.ts'
export { fileDigest, folderDigest } from './record/digest.ts'
export { readRecord, recordPath, requireRecord } from './record/read-record.ts'
export { writeAtomically } from './record/write-atomically.ts'
export { runChecks } from './run/run-checks.ts'
export { runPhase, type RunPhaseOptions } from './run/run-phase.ts'
export { colorsFor, formatDuration, type Colors, type Terminal } from './run/console.ts'
export { during, progress } from './run/live-line.ts'
export { isHeldByAnother, withLock } from './lock/with-lock.ts'
export {
  endpointReportSchema,
  type EndpointReport,
  type EndpointStep,
  type EndpointStepGroup,
  type Latency,
  type ToolTiming
} from './endpoint/endpoint-report.ts'
