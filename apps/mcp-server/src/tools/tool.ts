import type { ContentBlock } from '@modelcontextprotocol/sdk/types.js'
import type { z } from 'zod'
import { describeIssues } from '../issues.ts'
import type { Scope } from '../principal.ts'
import type { CallContext } from '../protocol/method.ts'
import type { Services } from '../services.ts'
import { ToolFailure } from './tool-failure.ts'

/** What a tool may use. Nothing is global. */
export interface ToolContext extends CallContext {
  readonly services: Services
}

export interface ToolResult<T = object> {
  /** What the output schema describes. */
  readonly structured: T
  /** One short line for a person; never a second copy of the data. */
  readonly line: string
  /** What stands beside the line: resource links, images, audio, blobs. */
  readonly content?: readonly ContentBlock[]
}

/** What a tool does to the world. Source: MCP, schema, ToolAnnotations. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint?: boolean
  readonly idempotentHint?: boolean
  /** Reaches beyond the configured registries. */
  readonly openWorldHint: boolean
}

/** A tool that changes nothing and stays within the configured registries. */
export const readOnly: ToolAnnotations = { readOnlyHint: true, openWorldHint: false }

interface ToolHead {
  /** What the list is keyed by; never changes once released. */
  readonly name: string
  readonly title: string
  /** For a model: what comes back, when to use it, what to call next. */
  readonly description: string
  readonly toolset: 'packages' | 'objects' | 'search' | 'catalog' | 'server'
  readonly scope: Scope
  readonly annotations: ToolAnnotations
}

/** A tool, its types erased so that tools can stand in one list. */
export interface Tool extends ToolHead {
  readonly input: z.ZodObject
  readonly output: z.ZodObject
  /** Arguments that work on the sample registry. */
  readonly examples: readonly object[]
  /** Checks the arguments and runs. Throws ToolFailure for every failure that can be expected. */
  run(args: unknown, context: ToolContext): Promise<ToolResult> | ToolResult
}

export interface ToolDefinition<I extends z.ZodObject, O extends z.ZodObject> extends ToolHead {
  readonly input: I
  readonly output: O
  readonly examples: readonly z.input<I>[]
  readonly handle: (
    args: z.output<I>,
    context: ToolContext
  ) => Promise<ToolResult<z.input<O>>> | ToolResult<z.input<O>>
}

/** A tool from its definition. */
export function tool<I extends z.ZodObject, O extends z.ZodObject>(definition: ToolDefinition<I, O>): Tool {
  const { handle, ...rest } = definition
  return {
    ...rest,
    run: (args, context) => {
      const parsed = definition.input.safeParse(args)
      if (!parsed.success) throw invalidArguments(definition.name, parsed.error)
      return handle(parsed.data, context)
    }
  }
}

function invalidArguments(name: string, error: z.ZodError): ToolFailure {
  return new ToolFailure('invalid-arguments', describeIssues(error.issues), {
    next: `Correct the arguments; tools/list has the input schema of ${name}.`
  })
}
