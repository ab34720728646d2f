import { describe, expect, test } from '@jest/globals'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { createHash } from 'node:crypto'
import { localRunner } from '../../test/tool-runner.ts'
import { narrowTools } from './filter.ts'
import { tools } from './index.ts'
import { listTool } from './listing.ts'
import { estimatedTokens } from './page.ts'

const tokens = (value: unknown): number => encode(JSON.stringify(value)).length

describe('the list of tools', () => {
  const cost = (readOnly: boolean): number =>
    tokens({ tools: narrowTools(tools, { readOnly }).map((tool) => listTool(tool, false)) })

  test('of all tools has at most 6,000 tokens', () => {
    expect(cost(false)).toBeLessThanOrEqual(6000)
  })

  test('of the default read set has at most 3,000 tokens', () => {
    expect(cost(true)).toBeLessThanOrEqual(3000)
  })
})

describe('a result has at most 20,000 tokens unless more is asked for', () => {
  const noise = (seed: string): string => createHash('sha512').update(seed).digest('base64')

  test.each([
    ['checksums', noise('a')],
    ['Chinese', '數據資料庫分析結果圖表'.repeat(40)],
    ['emoji', '🧬🔬🧪'.repeat(60)],
    ['digits', '0123456789'.repeat(40)]
  ])('tokens of %s are never estimated to be fewer than they are', (_, text) => {
    expect(estimatedTokens(text)).toBeGreaterThanOrEqual(tokens(text))
  })

  test('lists of long keys come in pages that fit, and together they are whole', async () => {
    await using runner = await localRunner()
    const keys = Array.from({ length: 300 }, (_, i) => `${noise(String(i)).replaceAll('/', '_')}.bin`)
    await runner.run('package_create', {
      package: 'a/long',
      entries: keys.map((path) => ({ path, text: path }))
    })
    const seen: string[] = []
    let cursor: unknown
    do {
      const args = { package: 'a/long', limit: 1000, ...(cursor === undefined ? {} : { cursor }) }
      const { structured } = await runner.result('package_browse', args)
      expect(tokens(structured)).toBeLessThanOrEqual(20_000)
      const { children, next_cursor: next } = { next_cursor: undefined, children: [], ...structured }
      seen.push(...children.map(({ path }) => path))
      cursor = next
    } while (cursor !== undefined)
    expect(seen).toEqual([...keys].sort())
  })

  test.each([
    ['binary', Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 251))],
    // with stops between, or the tokenizer takes seconds for what it sees as one word
    ['Chinese', '數據資料庫分析結果圖表。'.repeat(2000)],
    ['invisible', '\u200b'.repeat(20_000)]
  ])('a %s file is read in parts that fit', async (_, content) => {
    await using runner = await localRunner()
    await runner.put('data.bin', content)
    const { structured } = await runner.result('object_read', { uri: `file://${runner.inbox}/data.bin` })
    expect(tokens(structured)).toBeLessThanOrEqual(20_000)
    expect(structured).toHaveProperty('next_offset')
  })
})
