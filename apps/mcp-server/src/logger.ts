import type { Logger as Pino } from 'pino'

/** What the rest of the server sees of pino. */
export type Logger = Pick<Pino, 'child' | 'debug' | 'info' | 'warn' | 'error'>
