import { describe, expect, test } from '@jest/globals'
import { diffTools, formatToolsDiff } from './tools-diff.ts'

const snapshot = (value: object): string => JSON.stringify(value)

describe('what a change does to the list of tools', () => {
  const before = new Map([
    ['a.json', snapshot({ title: 'A', inputSchema: { properties: { x: { type: 'string' } } } })],
    ['b.json', snapshot({ title: 'B' })]
  ])

  test('tools that are new or gone are named', () => {
    const after = new Map([...before].slice(0, 1)).set('c.json', snapshot({ title: 'C' }))
    expect(diffTools(before, after)).toEqual({ added: ['c'], removed: ['b'], changed: [] })
  })

  test('a change is shown with its path and both values', () => {
    const after = new Map(before).set(
      'a.json',
      snapshot({ title: 'A', inputSchema: { properties: { x: { type: 'integer' }, y: { type: 'null' } } } })
    )
    const diff = diffTools(before, after)
    expect(diff.changed).toEqual([
      { tool: 'a', path: 'inputSchema.properties.x.type', before: '"string"', after: '"integer"' },
      { tool: 'a', path: 'inputSchema.properties.y.type', before: undefined, after: '"null"' }
    ])
    expect(formatToolsDiff(diff, { before: 10, after: 12 })).toBe(
      `~ a inputSchema.properties.x.type
    - "string"
    + "integer"
~ a inputSchema.properties.y.type
    + "null"
tokens: 10 before, 12 after
`
    )
  })

  test('says so where nothing changed', () => {
    expect(formatToolsDiff(diffTools(before, before), { before: 1, after: 1 })).toContain('is the same')
  })
})
