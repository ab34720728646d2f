import { describe, expect, test } from '@jest/globals'
import { embed } from './embed.ts'

describe('embed', () => {
  test('replaces what stands between the marks and nothing else', () => {
    expect(embed('a\n<!-- t -->\nold\n<!-- /t -->\nz\n', 't', 'new\n')).toBe(
      'a\n<!-- t -->\n\nnew\n\n<!-- /t -->\nz\n'
    )
  })

  test('gives the same text when applied twice', () => {
    const once = embed('<!-- t --><!-- /t -->', 't', 'x')
    expect(embed(once, 't', 'x')).toBe(once)
  })

  test.each([
    'no marks',
    '<!-- t -->',
    '<!-- /t --><!-- t -->',
    '<!-- t --><!-- /t --><!-- t --><!-- /t -->'
  ])('refuses %j', (text) => {
    expect(() => embed(text, 't', 'x')).toThrow('each once')
  })
})
