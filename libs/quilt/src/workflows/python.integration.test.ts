import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ensurePython, reportMissing } from '../../test/python/environment.ts'
import { QuiltClient } from '../../test/python/processes.ts'
import { QuiltError } from '../error.ts'
import { fromPlain } from '../json/index.ts'
import type { JsonValue } from '../json/value.ts'
import { schemaError } from './draft-7.ts'
import { JsonSchema } from './json-schema.ts'
import { compilePattern } from './python-pattern.ts'

const python = await ensurePython()
reportMissing('workflows beside Python', python)
const suite = 'missing' in python ? describe.skip : describe

const names = fc.constantFrom('a', 'b', 'ab', "it's", 'é')
const scalars = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, 1.5, -2.25, 1e20),
  fc.constantFrom('', 'a', 'ab', 'abc', 'é', '😀', "it's", 'x\ny')
)
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3 })
  )
}))
// Which of several members is reported is by chance in Python, where it goes through them as a set.
const plainValues = fc.oneof(
  scalars,
  fc.array(scalars, { maxLength: 3 }),
  fc.dictionary(names, values, { maxKeys: 1 })
)
const types = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object')
const patterns = fc.constantFrom('a', '^a', 'b$', '^\\w+$', '[^a]', '\\d')
const count = fc.integer({ min: 0, max: 3 })
const { schema: schemas } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.boolean(),
    fc
      .record(
        {
          type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
          enum: fc.array(values, { minLength: 1, maxLength: 3 }),
          const: values,
          minimum: fc.integer({ min: -2, max: 2 }),
          exclusiveMaximum: fc.constantFrom(1, 2.5),
          multipleOf: fc.constantFrom(2, 0.5),
          minLength: count,
          maxLength: count,
          pattern: patterns,
          items: fc.oneof(tie('schema'), fc.array(tie('schema'), { minLength: 1, maxLength: 2 })),
          additionalItems: fc.boolean(),
          contains: tie('schema'),
          minItems: count,
          maxItems: count,
          uniqueItems: fc.boolean(),
          properties: fc.dictionary(names, tie('schema'), { maxKeys: 2 }),
          patternProperties: fc.dictionary(patterns, tie('schema'), { maxKeys: 2 }),
          additionalProperties: fc.boolean(),
          propertyNames: tie('schema'),
          required: fc.uniqueArray(names, { maxLength: 2 }),
          minProperties: count,
          maxProperties: count,
          dependencies: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 2 }), { maxKeys: 2 }),
          allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
          anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
          oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }),
          not: tie('schema'),
          if: tie('schema'),
          then: tie('schema'),
          else: tie('schema')
        },
        { requiredKeys: [] }
      )
      .chain((whole) =>
        fc.subarray(Object.entries(whole), { maxLength: 4 }).map((some): unknown => Object.fromEntries(some))
      )
  )
}))

suite('what our own code does that Python does for the client is the same', () => {
  let home: string
  let client: QuiltClient

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'python-'))
    client = new QuiltClient('missing' in python ? '' : python.interpreter, home)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await rm(home, { recursive: true })
  })

  test('any value has the same first error under any schema, in the same words', async () => {
    let failing = 0
    await fc.assert(
      fc.asyncProperty(schemas, values, async (schema, value) => {
        const theirs = await theirError(client, schema, value)
        if (theirs === undefined) return
        const ours = firstError(fromPlain(schema), fromPlain(value))
        if (ours !== null) failing++
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 3000 }
    )
    expect(failing).toBeGreaterThan(500)
  })

  test('any schema that is none is told with the same words', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...keywords), plainValues, { maxKeys: 3 }),
        async (schema) => {
          const theirs = await theirError(client, schema, null)
          if (theirs === undefined) return
          expect(firstError(fromPlain(schema), null)).toEqual(theirs)
        }
      ),
      { numRuns: 2000 }
    )
  })

  test('any pattern finds the same, and what is no pattern is none', async () => {
    const pieces = fc.constantFrom(
      ...[
        'a',
        'b',
        '.',
        '^',
        '$',
        '\\w',
        '\\d',
        '\\s',
        '\\b',
        '\\A',
        '\\Z',
        '[ab]',
        '[^a]',
        '[\\w-]',
        '[a-c]',
        '[]'
      ],
      ...[
        '(',
        ')',
        '(?:',
        '|',
        '*',
        '+',
        '?',
        '{2}',
        '{,1}',
        '{1,',
        '\\1',
        '(?P<n>',
        '(?P=n)',
        '(?=',
        '(?!',
        '\\.',
        '-',
        ' '
      ]
    )
    const texts = [
      '',
      'a',
      'ab',
      'ba',
      'aab',
      'a b',
      'A',
      '1',
      'é',
      '-',
      'ab\n',
      'a\nb',
      '\n',
      '.',
      'aaa',
      'bb'
    ]
    let compiled = 0
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 6 }), async (parts) => {
        const pattern = parts.join('')
        const theirs = await client.do('search', { pattern, texts })
        const ours = searches(pattern, texts)
        if (ours === undefined) return
        if (ours !== null) compiled++
        expect({ pattern, found: ours }).toEqual({ pattern, found: theirs })
      }),
      { numRuns: 1500 }
    )
    expect(compiled).toBeGreaterThan(200)
  })
})

const keywords = [
  'type',
  'enum',
  'minimum',
  'minLength',
  'pattern',
  'items',
  'required',
  'properties',
  'allOf',
  'not',
  'title',
  'uniqueItems',
  'dependencies',
  'multipleOf'
]

/** Undefined where the Python package fails itself, as for `items: true` beside `additionalItems`. */
async function theirError(
  client: QuiltClient,
  schema: unknown,
  value: unknown
): Promise<JsonValue | undefined> {
  try {
    return await client.do('schema_error', { schema, value })
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('TypeError: ')) return undefined
    throw error
  }
}

function firstError(schema: JsonValue, value: JsonValue): string | null {
  const wrong = schemaError(schema)
  if (wrong !== undefined) return `schema: ${wrong}`
  return new JsonSchema(schema).firstError(value) ?? null
}

/** Null for what is no pattern, undefined for what is not supported. */
function searches(pattern: string, texts: readonly string[]): readonly boolean[] | null | undefined {
  try {
    const compiled = compilePattern(pattern)
    return texts.map((text) => compiled.search(text))
  } catch (error) {
    if (error instanceof QuiltError) return error.message.endsWith('is not supported') ? undefined : null
    throw error
  }
}
