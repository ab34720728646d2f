import {
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema
} from '@modelcontextprotocol/sdk/types.js'
import { method, type Method } from '../../src/protocol/method.ts'
import { errorCodes, ProtocolError } from '../../src/protocol/protocol-error.ts'
import { askingTools } from './asking-tools.ts'
import { image, png, text, user, type Message } from './content.ts'
import { fixtureToolMethods, retryOf } from './fixture-tool.ts'
import { answered, elicitation, inputRequired, inputTools } from './input-tools.ts'
import { simpleTools } from './tools.ts'

const resources = [
  {
    uri: 'test://static-text',
    name: 'static-text',
    description: 'Text for the suite',
    mimeType: 'text/plain',
    text: 'This is the content of the static text resource.'
  },
  {
    uri: 'test://static-binary',
    name: 'static-binary',
    description: 'Bytes for the suite',
    mimeType: 'image/png',
    blob: png
  },
  {
    uri: 'test://watched-resource',
    name: 'watched-resource',
    description: 'For subscriptions',
    mimeType: 'text/plain',
    text: 'Watched.'
  }
]

interface FixturePrompt {
  readonly name: string
  readonly description: string
  readonly arguments?: readonly { readonly name: string; readonly required: boolean }[]
  readonly messages: (args: Readonly<Record<string, string>>) => readonly Message[]
}

const prompts: readonly FixturePrompt[] = [
  {
    name: 'test_simple_prompt',
    description: 'No arguments',
    messages: () => [user(text('This is a simple prompt for testing.'))]
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'Two arguments',
    arguments: [
      { name: 'arg1', required: true },
      { name: 'arg2', required: true }
    ],
    messages: ({ arg1 = '', arg2 = '' }) => [
      user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))
    ]
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'With a resource',
    arguments: [{ name: 'resourceUri', required: true }],
    messages: ({ resourceUri = '' }) => [
      user({
        type: 'resource',
        resource: {
          uri: resourceUri,
          mimeType: 'text/plain',
          text: 'Embedded resource content for testing.'
        }
      }),
      user(text('Please process the embedded resource above.'))
    ]
  },
  {
    name: 'test_prompt_with_image',
    description: 'With an image',
    messages: () => [user(image), user(text('Please analyze the image above.'))]
  },
  {
    name: 'test_input_required_result_prompt',
    description: 'Needs input',
    messages: () => [user(text('With that context.'))]
  }
]

const template = /^test:\/\/template\/([^/]+)\/data$/

function read(uri: string): object {
  const found = resources.find((one) => one.uri === uri)
  if (found !== undefined) {
    const { mimeType, text: value, blob } = found
    return { uri, mimeType, ...(value === undefined ? { blob } : { text: value }) }
  }
  const id = template.exec(uri)?.[1]
  if (id === undefined) throw new ProtocolError(errorCodes.resourceNotFound, 'Resource not found', { uri })
  const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })
  return { uri, mimeType: 'application/json', text: data }
}

/** The methods of a server with everything that the suite asks for, on top of those of the product. */
export function fixtureMethods(product: ReadonlyMap<string, Method>): ReadonlyMap<string, Method> {
  const initialize = product.get('initialize')
  if (initialize === undefined) throw new TypeError('every server has initialize')
  return new Map<string, Method>([
    ...product,
    [
      'initialize',
      async (request, context) => {
        const { result } = await initialize(request, context)
        return {
          result: {
            ...result,
            capabilities: { tools: {}, prompts: {}, logging: {}, completions: {}, resources: {} }
          }
        }
      }
    ],
    ...fixtureToolMethods([...simpleTools, ...askingTools, ...inputTools]),
    [
      'resources/list',
      () => ({
        result: {
          resources: resources.map(({ uri, name, description, mimeType }) => ({
            uri,
            name,
            description,
            mimeType
          }))
        }
      })
    ],
    [
      'resources/templates/list',
      () => ({
        result: {
          resourceTemplates: [
            { uriTemplate: 'test://template/{id}/data', name: 'data', description: 'Data of an id' }
          ]
        }
      })
    ],
    [
      'resources/read',
      method(ReadResourceRequestSchema, ({ params }) => ({ result: { contents: [read(params.uri)] } }))
    ],
    ['resources/subscribe', method(SubscribeRequestSchema, () => ({ result: {} }))],
    ['resources/unsubscribe', method(UnsubscribeRequestSchema, () => ({ result: {} }))],
    [
      'prompts/list',
      () => ({
        result: {
          prompts: prompts.map(({ name, description, arguments: args }) => ({
            name,
            description,
            arguments: args
          }))
        }
      })
    ],
    [
      'prompts/get',
      (request, context) =>
        method(GetPromptRequestSchema, ({ params }) => {
          const prompt = prompts.find(({ name }) => name === params.name)
          if (prompt === undefined) throw new ProtocolError(errorCodes.invalidParams, 'Unknown prompt')
          const needsInput = prompt.name === 'test_input_required_result_prompt'
          if (needsInput && !answered(retryOf(request), ['user_context']))
            return {
              result: inputRequired({
                user_context: elicitation('What context should the prompt use?', 'context')
              })
            }
          return { result: { messages: prompt.messages(params.arguments ?? {}) } }
        })(request, context)
    ],
    [
      'completion/complete',
      method(CompleteRequestSchema, () => ({
        result: { completion: { values: ['paris', 'park', 'party'], total: 3, hasMore: false } }
      }))
    ]
  ])
}
