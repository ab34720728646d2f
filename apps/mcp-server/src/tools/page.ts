import type { Page } from '@fast-mcp/quilt'

/** About 20,000 tokens of JSON. */
const maxPageBytes = 60_000

/**
 * A page of described items whose JSON is at most 60,000 characters: where `limit` items are more, half as many are
 * asked for, down to one.
 */
export async function fittingPage<P extends Page<unknown>, D extends object>(
  limit: number,
  fetch: (limit: number) => Promise<P>,
  describe: (item: P['items'][number]) => D
): Promise<{ readonly page: P; readonly items: D[] }> {
  for (let asked = limit; ; asked = Math.ceil(asked / 2)) {
    const page = await fetch(asked)
    const items = page.items.map(describe)
    if (asked === 1 || JSON.stringify(items).length <= maxPageBytes) return { page, items }
  }
}

/** The members of a result that say how to go on. */
export function cursorOf(page: Page<unknown>): { next_cursor?: string } {
  return page.next === undefined ? {} : { next_cursor: page.next }
}

/** The options of a page for libs/quilt. */
export function pageOptions(
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal
): { readonly after?: string; readonly limit: number; readonly signal: AbortSignal } {
  return { limit, signal, ...(cursor === undefined ? {} : { after: cursor }) }
}
