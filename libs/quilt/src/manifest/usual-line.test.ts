import { describe, expect, test } from '@jest/globals'
import { createEntry } from '../entry.ts'
import type { Entry } from '../types.ts'
import { entryLine } from './lines.ts'
import { putUsualLine } from './usual-line.ts'

function entryWith(meta: string, key = 'a/b.csv'): Entry {
  return createEntry({
    logicalKey: key,
    physicalKey: { kind: 's3', bucket: 'bucket', key, versionId: 'v.1' },
    size: 12,
    hash: { type: 'SHA256', value: 'x=' },
    meta: new Map([['m', meta]])
  })
}

describe('a line put together as bytes', () => {
  test.each(['plain', 'with "quotes"', 'é', ''])(
    'is whole or not there, however much room there is: %j',
    (meta) => {
      const entry = entryWith(meta)
      const line = entryLine(entry)
      let put = 0
      for (let room = 0; room <= 3 * line.length; room++) {
        const bytes = Buffer.alloc(room)
        const end = putUsualLine(bytes, 0, entry)
        if (end === -1) continue
        put++
        expect(bytes.toString('utf8', 0, end)).toBe(line)
      }
      expect(put).toBe(meta === 'é' ? 0 : 1)
    }
  )

  test('has its address encoded where that is all that is unusual', () => {
    const entry = entryWith('', 'year=2020/a b.csv')
    const bytes = Buffer.alloc(1000)
    const end = putUsualLine(bytes, 7, entry)
    expect(bytes.toString('utf8', 7, end)).toBe(entryLine(entry))
    expect(entryLine(entry)).toContain('s3://bucket/year%3D2020/a%20b.csv?versionId=v.1')
  })
})
