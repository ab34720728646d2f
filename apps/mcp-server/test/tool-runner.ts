import { expect } from '@jest/globals'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRegistries } from '../src/open-registries.ts'
import type { CallContext } from '../src/protocol/method.ts'
import type { Services } from '../src/services.ts'
import { tools } from '../src/tools/index.ts'
import type { ToolContext, ToolResult } from '../src/tools/tool.ts'
import { testContext } from './context.ts'
import { testServices } from './server.ts'

export interface ToolRunner {
  readonly context: ToolContext
  /** Runs a tool and holds its result against its output schema. */
  run(name: string, args?: object): Promise<Record<string, unknown>>
  /** The whole result. */
  result(name: string, args?: object): Promise<ToolResult>
}

export function toolRunner(services: Services, overrides: Partial<CallContext> = {}): ToolRunner {
  const context = { ...testContext(overrides), services }
  const result = async (name: string, args: object = {}): Promise<ToolResult> => {
    const found = tools.find((tool) => tool.name === name)
    if (found === undefined) throw new RangeError(name)
    const answer = await found.run(args, context)
    found.output.parse(answer.structured)
    expect(answer.line.length).toBeLessThan(600)
    return answer
  }
  return { context, result, run: async (name, args) => ({ ...(await result(name, args)).structured }) }
}

export interface LocalRunner extends ToolRunner, AsyncDisposable {
  /** Folder of the registry, empty at first. */
  readonly folder: string
  /** Its URI. */
  readonly registry: string
  /** A folder beside it that is served read-only: where data to publish lies. */
  readonly inbox: string
  /** Writes a file into the inbox. */
  put(name: string, content: string | Buffer): Promise<void>
}

/** Tools on an empty local registry, with a folder of data beside it. */
export async function localRunner(overrides: Partial<CallContext> = {}): Promise<LocalRunner> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'tools-')))
  const folder = join(root, 'registry')
  const inbox = join(root, 'inbox')
  await Promise.all([mkdir(folder), mkdir(inbox)])
  const registry = `file://${folder}`
  const opened = await openRegistries({
    registries: [
      { uri: registry, readOnly: false, access: undefined },
      { uri: `file://${inbox}`, readOnly: true, access: undefined }
    ],
    stack: undefined,
    sample: undefined
  })
  const { registries, backends, searchIndexes } = opened
  const services = { ...(await testServices()), registries, backends, searchIndexes }
  return {
    ...toolRunner(services, overrides),
    folder,
    registry,
    inbox,
    put: async (name, content) => {
      await mkdir(dirname(join(inbox, name)), { recursive: true })
      await writeFile(join(inbox, name), content)
    },
    [Symbol.asyncDispose]: async () => {
      await opened.close()
      await rm(root, { recursive: true })
    }
  }
}

/** A failure of that code. */
export function failure(code: string): unknown {
  return expect.objectContaining({ code })
}
