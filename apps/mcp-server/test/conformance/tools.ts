import { setTimeout as sleep } from 'node:timers/promises'
import { image, png, text, wav } from './content.ts'
import type { FixtureTool } from './fixture-tool.ts'

const schemaDialect = 'https://json-schema.org/draft/2020-12/schema'

function fixed(name: string, content: readonly object[]): FixtureTool {
  return { name, call: () => ({ content }) }
}

function resource(uri: string, mimeType: string, value: string): object {
  return { type: 'resource', resource: { uri, mimeType, text: value } }
}

/** Tools that answer by themselves. */
export const simpleTools: readonly FixtureTool[] = [
  fixed('test_simple_text', [text('This is a simple text response for testing.')]),
  fixed('test_image_content', [image]),
  fixed('test_audio_content', [{ type: 'audio', data: wav, mimeType: 'audio/wav' }]),
  fixed('test_embedded_resource', [
    resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')
  ]),
  fixed('test_multiple_content_types', [
    text('Multiple content types test:'),
    { type: 'image', data: png, mimeType: 'image/png' },
    resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}')
  ]),
  {
    name: 'test_error_handling',
    call: () => ({
      isError: true,
      content: [text('This tool intentionally returns an error for testing')]
    })
  },
  {
    name: 'test_tool_with_logging',
    call: async ({ context }) => {
      for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        context.notify('info', line)
        await sleep(50)
      }
      return { content: [text('Logged.')] }
    }
  },
  {
    name: 'test_logging_tool',
    call: ({ context }) => {
      context.notify('info', 'something happened')
      return { content: [text('Logged.')] }
    }
  },
  {
    name: 'test_tool_with_progress',
    call: async ({ context }) => {
      for (const done of [0, 50, 100]) {
        context.progress(done, 100)
        await sleep(50)
      }
      return { content: [text('Done.')] }
    }
  },
  {
    name: 'test_reconnection',
    call: async ({ context }) => {
      context.session?.release()
      await sleep(100)
      return { content: [text('You came back.')] }
    }
  },
  {
    name: 'test_headers',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } }
    },
    call: ({ args }) => ({ content: [text(String(args['region']))] })
  },
  {
    name: 'json_schema_2020_12_tool',
    inputSchema: {
      $schema: schemaDialect,
      type: 'object',
      $defs: {
        address: {
          $anchor: 'addressDef',
          type: 'object',
          properties: { street: { type: 'string' }, city: { type: 'string' } }
        }
      },
      properties: {
        name: { type: 'string' },
        address: { $ref: '#/$defs/address' },
        contactMethod: { type: 'string', enum: ['phone', 'email'] },
        phone: { type: 'string' },
        email: { type: 'string' }
      },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false
    },
    call: () => ({ content: [text('Done.')] })
  }
]
