import type { CallContext, ClientSession } from '../../src/protocol/method.ts'
import { errorCodes, ProtocolError } from '../../src/protocol/protocol-error.ts'
import { text, user } from './content.ts'
import type { FixtureCall, FixtureTool } from './fixture-tool.ts'

function sessionOf({ session }: CallContext): ClientSession {
  if (session === undefined) throw new ProtocolError(errorCodes.refused, 'This needs a session')
  return session
}

async function elicit({ context }: FixtureCall, message: string, properties: object, required?: string[]) {
  const requestedSchema = { type: 'object', properties, ...(required === undefined ? {} : { required }) }
  return sessionOf(context).ask('elicitation/create', { message, requestedSchema })
}

function eliciting(name: string, properties: object): FixtureTool {
  return {
    name,
    call: async (call) => {
      const { action, content } = await elicit(call, 'Please fill this in', properties)
      return {
        content: [text(`Elicitation completed: action=${String(action)}, content=${JSON.stringify(content)}`)]
      }
    }
  }
}

const choices = [
  { const: 'value1', title: 'First Option' },
  { const: 'value2', title: 'Second Option' },
  { const: 'value3', title: 'Third Option' }
]

/** Tools that ask the client while it waits, as the revisions up to 2025-11-25 have it. */
export const askingTools: readonly FixtureTool[] = [
  {
    name: 'test_sampling',
    inputSchema: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
    call: async ({ args, context }) => {
      const { content } = await sessionOf(context).ask('sampling/createMessage', {
        messages: [user(text(String(args['prompt'])))],
        maxTokens: 100
      })
      return { content: [text(`LLM response: ${JSON.stringify(content)}`)] }
    }
  },
  {
    name: 'test_elicitation',
    inputSchema: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
    call: async (call) => {
      const properties = {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" }
      }
      const answer = await elicit(call, String(call.args['message']), properties, ['username', 'email'])
      return { content: [text(`User response: ${JSON.stringify(answer)}`)] }
    }
  },
  eliciting('test_elicitation_sep1034_defaults', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true }
  }),
  eliciting('test_elicitation_sep1330_enums', {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: choices },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three']
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: choices } }
  })
]
