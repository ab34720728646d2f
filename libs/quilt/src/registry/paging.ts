import { checkLimit, encodeCursor } from '../page.ts'
import type { Page, PageOptions } from '../types.ts'

/** The first `limit` of what a source yields, and the cursor behind them if the source has more. */
export async function pageOf<T>(
  source: AsyncIterable<T>,
  options: PageOptions,
  cursor: (item: T) => string
): Promise<Page<T>> {
  checkLimit(options.limit)
  const items: T[] = []
  for await (const item of source) {
    const last = items.at(-1)
    if (items.length === options.limit && last !== undefined)
      return { items, next: encodeCursor(cursor(last)) }
    items.push(item)
  }
  return { items, next: undefined }
}
