import { describe, expect, test } from '@jest/globals'
import { narrowTools, selectTools, type ToolFilter } from './filter.ts'
import { tools } from './index.ts'

const names = (filter: Partial<ToolFilter>): readonly string[] =>
  selectTools(tools, { readOnly: false, ...filter }).map(({ name }) => name)

describe('a filter of tools', () => {
  test('leaves all where nothing is asked for', () => {
    expect(names({})).toHaveLength(tools.length)
  })

  test('leaves toolsets, single tools, and both together', () => {
    expect(names({ toolsets: ['search', 'server'] })).toEqual(['search', 'server_status'])
    expect(names({ tools: ['object_read'] })).toEqual(['object_read'])
    expect(names({ toolsets: ['search'], tools: ['object_read'] })).toEqual(['object_read', 'search'])
  })

  test('exclusion wins over inclusion, of tools and of toolsets', () => {
    expect(names({ tools: ['search', 'object_read'], exclude: ['search'] })).toEqual(['object_read'])
    expect(names({ exclude: ['packages', 'objects', 'search', 'catalog'] })).toEqual(['server_status'])
  })

  test('read-only wins over everything', () => {
    expect(names({ tools: ['package_delete', 'search'], readOnly: true })).toEqual(['search'])
    expect(names({ readOnly: true })).toHaveLength(tools.filter(({ scope }) => scope === 'read').length)
  })

  test('old names count as the new ones', () => {
    expect(names({ tools: ['bucket_object_text'] })).toEqual(['object_read'])
    expect(names({ tools: ['object_read', 'search'], exclude: ['bucket_object_fetch'] })).toEqual(['search'])
  })

  test.each([{ toolsets: ['no'] }, { tools: ['no'] }, { exclude: ['no'] }, { tools: ['Search'] }])(
    'a name in %j that is not there is an error that says which there are',
    (filter) => {
      expect(() => names(filter)).toThrow(
        expect.objectContaining({
          code: 'invalid-arguments',
          message: expect.stringContaining(Object.values(filter).flat()[0] ?? ''),
          remedy: expect.stringContaining('search')
        })
      )
    }
  )

  test('of a request narrows what is served, and never widens it', () => {
    const served = selectTools(tools, { toolsets: ['search', 'server'], readOnly: true })
    const left = narrowTools(served, { tools: ['search', 'package_delete', 'no_such'], readOnly: false })
    expect(left.map(({ name }) => name)).toEqual(['search'])
  })
})
