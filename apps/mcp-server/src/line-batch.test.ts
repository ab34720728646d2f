import { expect, test } from '@jest/globals'
import { LineBatch } from './line-batch.ts'

test('lines are passed on together, in their order, when there are enough for one write', () => {
  const passed: string[] = []
  const batch = new LineBatch((text) => passed.push(text))
  const line = `${'x'.repeat(999)}\n`
  for (let index = 0; index < 35; index++) batch.write(line)
  expect(passed).toEqual([line.repeat(16), line.repeat(16)])
  batch.write('last\n')
  batch.flush()
  expect(passed.slice(2)).toEqual([`${line.repeat(3)}last\n`])
})

test('nothing is passed on where there is nothing', () => {
  const passed: string[] = []
  const batch = new LineBatch((text) => passed.push(text))
  batch.flush()
  batch.write('one\n')
  batch.flush()
  batch.flush()
  expect(passed).toEqual(['one\n'])
})
