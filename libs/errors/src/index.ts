export { catalogue, type ErrorCode } from './catalogue.ts'
export { CodedError, type CodedErrorOptions } from './coded-error.ts'
export { formatError, program, type ProgramContext } from './program.ts'
