import type { Page } from '@fast-mcp/quilt'

/** Most tokens of the items of a page, as estimatedTokens counts; below the 20,000 that a whole result may have. */
const maxPageTokens = 17_000

/**
 * A page of described items that is no more than a client takes at once: where `limit` items are more, half as many
 * are asked for, down to one.
 */
export async function fittingPage<P extends Page<unknown>, D extends object>(
  limit: number,
  fetch: (limit: number) => Promise<P>,
  describe: (item: P['items'][number]) => D
): Promise<{ readonly page: P; readonly items: D[] }> {
  for (let asked = limit; ; asked = Math.ceil(asked / 2)) {
    const page = await fetch(asked)
    const items = page.items.map(describe)
    if (asked === 1 || estimatedTokens(items) <= maxPageTokens) return { page, items }
  }
}

/** The first items of a list that fit on a page, at least one. */
export function fittingItems<T extends object>(items: readonly T[]): T[] {
  for (let count = items.length; ; count = Math.ceil(count / 2)) {
    const first = items.slice(0, count)
    if (count <= 1 || estimatedTokens(first) <= maxPageTokens) return first
  }
}

/**
 * About how many tokens a value is as JSON, rather too many: seven for ten ASCII characters, which is what checksums
 * take, and one for every other byte.
 */
export function estimatedTokens(value: unknown): number {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  const ascii = text.length - (text.match(/[^\x00-\x7f]/g)?.length ?? 0)
  return Math.ceil(ascii * 0.7 + (bytes - ascii))
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

/** How the line of a list ends. */
export function ending(page: { readonly next?: string | undefined }): string {
  return page.next === undefined ? '.' : '; there are more.'
}
