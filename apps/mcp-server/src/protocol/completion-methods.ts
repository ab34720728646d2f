import { CompleteRequestSchema, type CompleteRequest } from '@modelcontextprotocol/sdk/types.js'
import { complete } from '../completions/complete.ts'
import type { Prompt } from '../prompts/prompt.ts'
import type { ResourceTemplate } from '../resources/templates.ts'
import type { Services } from '../services.ts'
import { withExpectedFailures } from './expected-failure.ts'
import { method, type Method } from './method.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

export interface CompletionMethodsOptions {
  readonly services: Services
  readonly prompts: readonly Prompt[]
  readonly templates: readonly ResourceTemplate[]
}

/** The method of completions, for the arguments of prompts and the variables of resource templates. */
export function completionMethods(options: CompletionMethodsOptions): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'completion/complete',
      method(CompleteRequestSchema, async ({ params }, context) => {
        const { ref, argument, context: before } = params
        const names = namesOf(ref, options)
        if (!names.includes(argument.name))
          throw new ProtocolError(
            errorCodes.invalidParams,
            `Invalid params: this has the arguments ${names.join(', ')} and no other`
          )
        const request = {
          argument: argument.name,
          value: argument.value,
          known: before?.arguments ?? {}
        }
        return {
          result: {
            completion: await withExpectedFailures(() => complete(request, options.services, context))
          }
        }
      })
    ]
  ])
}

/** The names that can be completed of a prompt or template. Throws ProtocolError -32602 where there is none of that name. */
function namesOf(
  ref: CompleteRequest['params']['ref'],
  { prompts, templates }: CompletionMethodsOptions
): readonly string[] {
  if (ref.type === 'ref/prompt') {
    const prompt = prompts.find(({ name }) => name === ref.name)
    if (prompt === undefined) throw unknown('prompt', 'prompts/list')
    return prompt.arguments.map(({ name }) => name)
  }
  const template = templates.find(({ uriTemplate }) => uriTemplate === ref.uri)
  if (template === undefined) throw unknown('resource template', 'resources/templates/list')
  return Array.from(template.uriTemplate.matchAll(/\{\+?(\w+)\}/g), ([, name = '']) => name)
}

function unknown(what: string, list: string): ProtocolError {
  return new ProtocolError(errorCodes.invalidParams, `Unknown ${what}; ${list} names them all`)
}
