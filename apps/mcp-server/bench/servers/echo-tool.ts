import { z } from 'zod'

/** Names of the tools that every server of the benchmark has: the one that is called, and others beside it. */
export const toolNames = ['echo', ...Array.from({ length: 19 }, (_, index) => `other_${String(index + 1)}`)]

export const description = 'Gives its text back. '.repeat(5).trim()

export const input = { text: z.string().max(1000).describe('What to give back') }
export const output = { text: z.string().describe('What was given') }
