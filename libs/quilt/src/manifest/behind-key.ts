import { compareKeys } from '../json/code-points.ts'

/** What lies behind a key in walk order, of batches in that order; without a key everything. */
export async function* behindKey<T extends { readonly logicalKey: string }>(
  batches: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  key: string | undefined
): AsyncGenerator<readonly T[]> {
  let isBehind = key === undefined
  for await (const batch of batches) {
    if (isBehind || key === undefined) {
      yield batch
      continue
    }
    const first = batch.findIndex(({ logicalKey }) => compareKeys(logicalKey, key) > 0)
    if (first === -1) continue
    isBehind = true
    yield batch.slice(first)
  }
}
