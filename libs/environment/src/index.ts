export { parseEnvironment, variable, type EnvironmentSource, type VariableMeta } from './environment.ts'
export { environmentHelp, environmentTable } from './describe.ts'
export { embed } from './embed.ts'
