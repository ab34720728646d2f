import { describe, expect, test } from '@jest/globals'
import { schemaCompiler } from './schema.ts'

const compile = schemaCompiler()

describe('a JSON schema', () => {
  test('says what is wrong with a value, all of it', () => {
    const check = compile({ type: 'object', properties: { a: { type: 'integer' } }, required: ['a', 'b'] })
    expect(check({ a: 1, b: 2 })).toBeUndefined()
    expect(check({ a: 'x' })).toBe("value must have required property 'b', value/a must be integer")
  })

  test('is of dialect 2020-12, or of draft 7 where it says so', () => {
    const tuple = { prefixItems: [{ type: 'integer' }] }
    expect(compile(tuple)(['x'])).toBe('value/0 must be integer')
    expect(
      compile({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...tuple })(['x'])
    ).toBeDefined()
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'integer' }] }
    expect(compile(draft7)(['x'])).toBe('value/0 must be integer')
  })

  test('may name a format that nobody knows', () => {
    expect(compile({ type: 'string', format: 'colour' })('x')).toBeUndefined()
  })

  test('may have the id of another one, and refers to its own parts', () => {
    const schema = (type: string) => ({
      $id: 'https://example.org/schema',
      $defs: { it: { type } },
      type: 'object',
      properties: { it: { $ref: '#/$defs/it' } }
    })
    expect(compile(schema('string'))({ it: 1 })).toBe('value/it must be string')
    expect(compile(schema('integer'))({ it: 'x' })).toBe('value/it must be integer')
  })

  test.each([{ type: 'text' }, { required: 'a' }, { $ref: '#/$defs/none' }])('%p is none', (schema) => {
    expect(() => compile(schema)).toThrow()
  })
})
