import { z } from 'zod'
import { ToolFailure } from '../src/tools/tool-failure.ts'
import { readOnly, tool, type Tool } from '../src/tools/tool.ts'

const head = {
  title: 'Test tool',
  description: 'A tool for tests.',
  toolset: 'server',
  scope: 'read'
} as const

/** Gives its text back. */
export const echo = tool({
  ...head,
  name: 'echo',
  annotations: readOnly,
  input: z.strictObject({ text: z.string() }),
  output: z.strictObject({ text: z.string() }),
  examples: [{ text: 'hello' }],
  handle: ({ text }) => ({ structured: { text }, line: text })
})

/** Fails as a tool may. */
export const refusing = tool({
  ...head,
  name: 'refusing',
  annotations: readOnly,
  input: z.strictObject({}),
  output: z.strictObject({}),
  examples: [],
  handle: () => {
    throw new ToolFailure('too-late', 'it is too late', { next: 'Come earlier.' })
  }
})

/** Fails as no tool should. */
export const broken = tool({
  ...head,
  name: 'broken',
  annotations: readOnly,
  input: z.strictObject({}),
  output: z.strictObject({}),
  examples: [],
  handle: () => {
    throw new Error('secret detail of the inside')
  }
})

/** Changes things, as it says, and says whose token the call came with. */
export const writing = tool({
  ...head,
  name: 'writing',
  scope: 'write',
  annotations: { readOnlyHint: false, openWorldHint: false },
  input: z.strictObject({}),
  output: z.strictObject({ token: z.string() }),
  examples: [],
  handle: (_, { principal }) => ({ structured: { token: principal.token ?? 'none' }, line: 'Written.' })
})

/** Answers when `release` is called; `started` resolves at the first call. */
export function gate(): { readonly tool: Tool; readonly started: Promise<void>; release(): void } {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
  const { promise: started, resolve: start } = Promise.withResolvers<undefined>()
  return {
    started,
    release: () => {
      release(undefined)
    },
    tool: tool({
      ...head,
      name: 'gate',
      annotations: readOnly,
      input: z.strictObject({}),
      output: z.strictObject({ passed: z.boolean() }),
      examples: [],
      handle: async () => {
        start(undefined)
        await released
        return { structured: { passed: true }, line: 'Passed.' }
      }
    })
  }
}

/** Tells its client how far it is and what it sees, then waits for `release`; `cancelled` says whether it was given up. */
export function chatty(): {
  readonly tool: Tool
  readonly started: Promise<void>
  readonly cancelled: Promise<void>
  release(): void
} {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
  const { promise: started, resolve: start } = Promise.withResolvers<undefined>()
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers<undefined>()
  return {
    started,
    cancelled,
    release: () => {
      release(undefined)
    },
    tool: tool({
      ...head,
      name: 'chatty',
      annotations: readOnly,
      input: z.strictObject({ level: z.enum(['debug', 'info', 'error']).default('info') }),
      output: z.strictObject({ done: z.boolean() }),
      examples: [],
      handle: async ({ level }, context) => {
        context.signal.addEventListener('abort', () => cancel(undefined))
        context.progress(1, 2, 'half')
        context.notify(level, 'seen')
        start(undefined)
        await released
        return { structured: { done: true }, line: 'Done.' }
      }
    })
  }
}
