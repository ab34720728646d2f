import { GetPromptRequestSchema, ListPromptsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { Prompt } from '../prompts/prompt.ts'
import { fixedList } from './fixed-list.ts'
import { method, type Method } from './method.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

/** Longest value of an argument, in characters: names and addresses are shorter. */
const maxValue = 4096

/** The methods of prompts. */
export function promptMethods(prompts: readonly Prompt[]): ReadonlyMap<string, Method> {
  const byName = new Map(prompts.map((prompt) => [prompt.name, prompt]))
  return new Map<string, Method>([
    [
      'prompts/list',
      fixedList(
        ListPromptsRequestSchema,
        'prompts',
        prompts.map(({ name, title, description, arguments: args }) => ({
          name,
          title,
          description,
          arguments: args
        }))
      )
    ],
    [
      'prompts/get',
      method(GetPromptRequestSchema, ({ params }) => {
        const prompt = byName.get(params.name)
        if (prompt === undefined) throw invalidParams('Unknown prompt; prompts/list names them all')
        const given = new Map(Object.entries(params.arguments ?? {}))
        checkArguments(prompt, given)
        const text = prompt.text((name) => {
          const value = given.get(name)?.trim()
          return value === '' ? undefined : value
        })
        return {
          result: {
            description: prompt.description,
            messages: [{ role: 'user', content: { type: 'text', text } }]
          }
        }
      })
    ]
  ])
}

function checkArguments(prompt: Prompt, given: ReadonlyMap<string, string>): void {
  for (const { name, required } of prompt.arguments)
    if (required && (given.get(name)?.trim() ?? '') === '')
      throw invalidParams(`Invalid params: ${prompt.name} needs the argument ${name}`)
  for (const [name, value] of given) {
    if (!prompt.arguments.some((argument) => argument.name === name))
      throw invalidParams(
        `Invalid params: ${prompt.name} takes the arguments ${prompt.arguments.map((argument) => argument.name).join(', ')} and no other`
      )
    if (value.length > maxValue)
      throw invalidParams(`Invalid params: ${name} is longer than ${String(maxValue)} characters`)
  }
}

function invalidParams(message: string): ProtocolError {
  return new ProtocolError(errorCodes.invalidParams, message)
}
