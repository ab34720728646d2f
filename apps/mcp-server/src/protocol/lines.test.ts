import { expect, test } from '@jest/globals'
import { lines } from './lines.ts'

async function read(chunks: readonly string[], limit = 10): Promise<(string | undefined)[]> {
  async function* input(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const found: (string | undefined)[] = []
  for await (const { bytes } of lines(input(), limit)) found.push(bytes?.toString('utf8'))
  return found
}

test.each([
  [['a\nb\n'], ['a', 'b']],
  [
    ['a', 'b', '\nc'],
    ['ab', 'c']
  ],
  [['\n\na\n\n'], ['a']],
  [[], []],
  [['0123456789\n01234567890\nx\n'], ['0123456789', undefined, 'x']],
  [
    ['0123456', '789', 'abc', 'def\nx'],
    [undefined, 'x']
  ],
  [['01234567890'], [undefined]]
])('%j are the lines %j', async (chunks, expected) => {
  expect(await read(chunks)).toEqual(expected)
})
