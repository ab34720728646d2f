import { SetLevelRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { fixed, method, type Method } from './method.ts'

const done = fixed({})

/** logging/setLevel: the params are checked here; a door on which a connection lasts remembers the level. */
export const loggingMethods: ReadonlyMap<string, Method> = new Map([
  ['logging/setLevel', method(SetLevelRequestSchema, () => done)]
])
