import { fromPlain } from '../json/index.ts'
import { QuiltError } from '../error.ts'
import type { JsonValue } from '../json/value.ts'
import { JsonSchema } from './json-schema.ts'
import { compilePattern } from './python-pattern.ts'

const arrayOfSchemas = { type: 'array', minItems: 1, items: { $ref: '#' } }
const count = { type: 'integer', minimum: 0 }
const countFromZero = { allOf: [{ $ref: '#/definitions/nonNegativeInteger' }, { default: 0 }] }
const strings = { type: 'array', items: { type: 'string' }, uniqueItems: true, default: [] }
const types = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] }
const schemas = { type: 'object', additionalProperties: { $ref: '#' }, default: {} }
const schema = { $ref: '#' }
const nonNegative = { $ref: '#/definitions/nonNegativeInteger' }
const fromZero = { $ref: '#/definitions/nonNegativeIntegerDefault0' }

/** What a schema of draft 7 looks like: the meta-schema, http://json-schema.org/draft-07/schema, in its order. */
const metaSchema = fromPlain({
  definitions: {
    schemaArray: arrayOfSchemas,
    nonNegativeInteger: count,
    nonNegativeIntegerDefault0: countFromZero,
    simpleTypes: types,
    stringArray: strings
  },
  type: ['object', 'boolean'],
  properties: {
    $id: { type: 'string', format: 'uri-reference' },
    $schema: { type: 'string', format: 'uri' },
    $ref: { type: 'string', format: 'uri-reference' },
    $comment: { type: 'string' },
    title: { type: 'string' },
    description: { type: 'string' },
    default: true,
    readOnly: { type: 'boolean', default: false },
    examples: { type: 'array', items: true },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    maximum: { type: 'number' },
    exclusiveMaximum: { type: 'number' },
    minimum: { type: 'number' },
    exclusiveMinimum: { type: 'number' },
    maxLength: nonNegative,
    minLength: fromZero,
    pattern: { type: 'string', format: 'regex' },
    additionalItems: schema,
    items: { anyOf: [schema, { $ref: '#/definitions/schemaArray' }], default: true },
    maxItems: nonNegative,
    minItems: fromZero,
    uniqueItems: { type: 'boolean', default: false },
    contains: schema,
    maxProperties: nonNegative,
    minProperties: fromZero,
    required: { $ref: '#/definitions/stringArray' },
    additionalProperties: schema,
    definitions: schemas,
    properties: schemas,
    patternProperties: { ...schemas, propertyNames: { format: 'regex' } },
    dependencies: {
      type: 'object',
      additionalProperties: { anyOf: [schema, { $ref: '#/definitions/stringArray' }] }
    },
    propertyNames: schema,
    const: true,
    enum: { type: 'array', items: true },
    type: {
      anyOf: [
        { $ref: '#/definitions/simpleTypes' },
        { type: 'array', items: { $ref: '#/definitions/simpleTypes' }, minItems: 1, uniqueItems: true }
      ]
    },
    format: { type: 'string' },
    contentMediaType: { type: 'string' },
    contentEncoding: { type: 'string' },
    if: schema,
    then: schema,
    else: schema,
    allOf: { $ref: '#/definitions/schemaArray' },
    anyOf: { $ref: '#/definitions/schemaArray' },
    oneOf: { $ref: '#/definitions/schemaArray' },
    not: schema
  },
  default: true
})

const checker = new JsonSchema(metaSchema, { regex: isPattern })

/** What is wrong with a schema, undefined if it is one of draft 7. */
export function schemaError(schema: JsonValue): string | undefined {
  return checker.firstError(schema)
}

function isPattern(text: string): boolean {
  try {
    compilePattern(text)
    return true
  } catch (error) {
    if (error instanceof QuiltError) return false
    throw error
  }
}
