import { describe, expect, test } from '@jest/globals'

import { parseJson } from '../json/index.ts'
import { schemaError } from './draft-7.ts'
import { JsonSchema } from './json-schema.ts'

const errorOf = (schema: string, value: string): string | undefined =>
  new JsonSchema(parseJson(schema)).firstError(parseJson(value))

describe('a value that does not fit is told from one that does, in the words of the Python package', () => {
  test.each<[schema: string, valid: string[], invalid: [value: string, message: string][]]>([
    ['true', ['1'], []],
    ['false', [], [['1', 'False schema does not allow 1']]],
    [
      '{"type": "integer"}',
      ['1', '1.0', '12345678901234567890'],
      [
        ['1.5', "1.5 is not of type 'integer'"],
        ['true', "True is not of type 'integer'"]
      ]
    ],
    ['{"type": ["string", "null"]}', ['"a"', 'null'], [['1', "1 is not of type 'string', 'null'"]]],
    ['{"type": "number"}', ['1', '1.5'], [['false', "False is not of type 'number'"]]],
    ['{"type": "array"}', ['[]'], [['{}', "{} is not of type 'array'"]]],
    ['{"type": "boolean"}', ['true'], [['0', "0 is not of type 'boolean'"]]],
    [
      '{"enum": [1, "a", {"b": [2]}]}',
      ['1.0', '{"b": [2.0]}'],
      [['true', "True is not one of [1, 'a', {'b': [2]}]"]]
    ],
    [
      '{"const": {"a": 1}}',
      ['{"a": 1.0}'],
      [
        ['{"a": true}', "{'a': 1} was expected"],
        ['{"a": 1, "b": 2}', "{'a': 1} was expected"]
      ]
    ],
    ['{"minimum": 2}', ['2', '2.0', '"a"'], [['1', '1 is less than the minimum of 2']]],
    ['{"maximum": 2.5}', ['2'], [['3', '3 is greater than the maximum of 2.5']]],
    ['{"exclusiveMinimum": 2}', ['3'], [['2', '2 is less than or equal to the minimum of 2']]],
    ['{"exclusiveMaximum": 2}', ['1'], [['2.0', '2.0 is greater than or equal to the maximum of 2']]],
    [
      '{"minimum": 9007199254740993}',
      ['9007199254740993'],
      [['9007199254740992', '9007199254740992 is less than the minimum of 9007199254740993']]
    ],
    [
      '{"multipleOf": 3}',
      ['9', '9.0', '"a"'],
      [
        ['10', '10 is not a multiple of 3'],
        ['9.5', '9.5 is not a multiple of 3']
      ]
    ],
    ['{"multipleOf": 0.5}', ['2', '2.5'], [['2.3', '2.3 is not a multiple of 0.5']]],
    ['{"minLength": 1}', ['"😀"', '1'], [['""', "'' should be non-empty"]]],
    ['{"minLength": 2}', ['"ab"'], [['"😀"', "'😀' is too short"]]],
    ['{"maxLength": 2}', ['"😀😀"'], [['"abc"', "'abc' is too long"]]],
    ['{"maxLength": 0}', ['""'], [['"a"', "'a' is expected to be empty"]]],
    ['{"pattern": "b"}', ['"abc"', '1'], [['"ac"', "'ac' does not match 'b'"]]],
    ['{"format": "date"}', ['"no date"'], []],
    ['{"items": {"type": "string"}}', ['["a"]', '{}'], [['["a", 1]', "1 is not of type 'string'"]]],
    [
      '{"items": [true, {"type": "null"}], "additionalItems": false}',
      ['[1, null]', '[1]'],
      [
        ['[1, 2]', "2 is not of type 'null'"],
        ['[1, null, 3]', 'Additional items are not allowed (3 was unexpected)'],
        ['[1, null, 3, 4]', 'Additional items are not allowed (3, 4 were unexpected)']
      ]
    ],
    [
      '{"items": [true], "additionalItems": {"type": "null"}}',
      ['[1, null]'],
      [['[1, 2]', "2 is not of type 'null'"]]
    ],
    ['{"additionalItems": false}', ['[1]'], []],
    [
      '{"contains": {"const": 1}}',
      ['[2, 1]', '1'],
      [['[2]', 'None of [2] are valid under the given schema']]
    ],
    ['{"minItems": 1}', ['[1]'], [['[]', '[] should be non-empty']]],
    ['{"minItems": 2}', ['[1, 2]'], [['[1]', '[1] is too short']]],
    ['{"maxItems": 1}', ['[1]'], [['[1, 2]', '[1, 2] is too long']]],
    ['{"maxItems": 0}', ['[]'], [['[1]', '[1] is expected to be empty']]],
    [
      '{"uniqueItems": true}',
      ['[1, true, "1", [1], {"a": 1}]'],
      [['[{"a": 1}, {"a": 1.0}]', "[{'a': 1}, {'a': 1.0}] has non-unique elements"]]
    ],
    ['{"uniqueItems": false}', ['[1, 1]'], []],
    [
      '{"properties": {"a": {"type": "null"}, "b": false}}',
      ['{"a": null}', '[]'],
      [
        ['{"a": 1}', "1 is not of type 'null'"],
        ['{"b": 1}', 'False schema does not allow 1']
      ]
    ],
    [
      '{"patternProperties": {"^x": {"type": "null"}}}',
      ['{"x": null, "y": 1}', '1'],
      [['{"xy": 1}', "1 is not of type 'null'"]]
    ],
    [
      '{"properties": {"a": true}, "additionalProperties": false}',
      ['{"a": 1}', '1'],
      [
        ['{"b": 1}', "Additional properties are not allowed ('b' was unexpected)"],
        ['{"c": 1, "b": 1}', "Additional properties are not allowed ('b', 'c' were unexpected)"]
      ]
    ],
    [
      '{"patternProperties": {"^x": true, "^a": true}, "additionalProperties": false}',
      ['{"x": 1}'],
      [
        ['{"b": 1}', "'b' does not match any of the regexes: '^a', '^x'"],
        ['{"b": 1, "c": 1}', "'b', 'c' do not match any of the regexes: '^a', '^x'"]
      ]
    ],
    [
      '{"additionalProperties": {"type": "null"}}',
      ['{"a": null}'],
      [['{"a": 1}', "1 is not of type 'null'"]]
    ],
    ['{"propertyNames": {"maxLength": 1}}', ['{"a": 1}', '1'], [['{"ab": 1}', "'ab' is too long"]]],
    [
      '{"required": ["a", "__proto__"]}',
      ['{"a": 1, "__proto__": 2}', '1'],
      [['{"a": 1}', "'__proto__' is a required property"]]
    ],
    ['{"minProperties": 1}', ['{"a": 1}'], [['{}', '{} should be non-empty']]],
    ['{"minProperties": 2}', ['1'], [['{"a": 1}', "{'a': 1} does not have enough properties"]]],
    [
      '{"maxProperties": 1}',
      ['{"a": 1}'],
      [['{"a": 1, "b": 2}', "{'a': 1, 'b': 2} has too many properties"]]
    ],
    ['{"maxProperties": 0}', ['{}'], [['{"a": 1}', "{'a': 1} is expected to be empty"]]],
    [
      '{"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}',
      ['{"a": 1, "b": 2}', '{}', '1'],
      [
        ['{"a": 1}', "'b' is a dependency of 'a'"],
        ['{"c": 1}', "'d' is a required property"]
      ]
    ],
    ['{"allOf": [true, {"type": "null"}]}', ['null'], [['1', "1 is not of type 'null'"]]],
    [
      '{"anyOf": [{"type": "null"}, {"type": "string"}]}',
      ['null', '"a"'],
      [['1', '1 is not valid under any of the given schemas']]
    ],
    [
      '{"oneOf": [{"type": "null"}, {"type": "string"}]}',
      ['null'],
      [['1', '1 is not valid under any of the given schemas']]
    ],
    [
      '{"oneOf": [{"minimum": 1}, {"maximum": 3}, {"const": 9}]}',
      ['9.5'],
      [['2', "2 is valid under each of {'maximum': 3}, {'minimum': 1}"]]
    ],
    ['{"not": {"type": "null"}}', ['1'], [['null', "None should not be valid under {'type': 'null'}"]]],
    [
      '{"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "null"}}',
      ['"ab"', 'null'],
      [
        ['"a"', "'a' is too short"],
        ['1', "1 is not of type 'null'"]
      ]
    ],
    [
      '{"definitions": {"n": {"type": "null"}}, "items": {"$ref": "#/definitions/n", "type": "string"}}',
      ['[null]'],
      [['[1]', "1 is not of type 'null'"]]
    ],
    [
      '{"properties": {"a": {"$ref": "#"}}, "required": ["b"]}',
      ['{"b": 1}'],
      [['{"b": 1, "a": {}}', "'b' is a required property"]]
    ],
    ['{"constructor": 1, "unknown": {"type": "null"}}', ['1'], []]
  ])('%s', (schema, valid, invalid) => {
    expect(schemaError(parseJson(schema))).toBeUndefined()
    for (const value of valid) expect([value, errorOf(schema, value)]).toEqual([value, undefined])
    for (const [value, message] of invalid) expect([value, errorOf(schema, value)]).toEqual([value, message])
  })
})

test('the first keyword of the schema that fails is the one that is reported', () => {
  expect(errorOf('{"minLength": 2, "pattern": "x"}', '"a"')).toBe("'a' is too short")
  expect(errorOf('{"pattern": "x", "minLength": 2}', '"a"')).toBe("'a' does not match 'x'")
})

describe('a schema is checked itself', () => {
  test.each([
    ['1', "1 is not of type 'object', 'boolean'"],
    ['{"type": "foo"}', "'foo' is not valid under any of the given schemas"],
    ['{"minLength": -1}', '-1 is less than the minimum of 0'],
    ['{"required": ["a", "a"]}', "['a', 'a'] has non-unique elements"],
    ['{"properties": {"a": {"items": 3}}}', '3 is not valid under any of the given schemas'],
    ['{"pattern": "("}', "'(' is not a 'regex'"],
    ['{"patternProperties": {"[": true}}', "'[' is not a 'regex'"],
    ['{"allOf": []}', '[] should be non-empty'],
    ['{"multipleOf": 0}', '0 is less than or equal to the minimum of 0']
  ])('%s is not one', (schema, message) => {
    expect(schemaError(parseJson(schema))).toBe(message)
  })
})
