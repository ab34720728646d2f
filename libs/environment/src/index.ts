export {
  parseEnvironment,
  readEnvironment,
  variable,
  type EnvironmentReading,
  type EnvironmentSource,
  type VariableMeta
} from './environment.ts'
export { environmentHelp, environmentTable } from './describe.ts'
export { embed } from './embed.ts'
