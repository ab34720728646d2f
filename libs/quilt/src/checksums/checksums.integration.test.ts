import { expect, test } from '@jest/globals'
import { goldenContent, hashInPieces } from '../../test/checksums.ts'
import { goldenRows } from '../../test/golden.ts'
import { hashTypes } from '../types.ts'
import { minChunkSize } from './chunk-size.ts'

const rows = goldenRows('vectors/checksums.json')
const largest = goldenContent(Math.max(...rows.map((row) => row.number('size'))))

test.each(rows.map((row) => [row.number('size'), row] as const))(
  'checksums of %i bytes are those of the Python client, whatever the pieces they come in',
  (size, row) => {
    const bytes = largest.subarray(0, size)
    for (const type of hashTypes)
      for (const piece of [size, 1_000_003, minChunkSize])
        expect(hashInPieces(type, bytes, piece)).toEqual({ type, value: row.text(type) })
  }
)
