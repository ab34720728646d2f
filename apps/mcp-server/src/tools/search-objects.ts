import { addressOf } from './access.ts'
import { countValues, extensionOf, passes, type Answer, type Result, type Search } from './search-answer.ts'
import type { ToolContext } from './tool.ts'
import { shownKey } from './visible.ts'

/** Objects that one call looks at. */
const maxLookedAt = 20_000

/** Objects below a prefix whose keys hold all words: the bucket is listed, since nothing has indexed it. */
export async function searchObjects(search: Search, context: ToolContext): Promise<Answer> {
  const { signal } = context
  const { registry, limit, prefix = '' } = search
  const words = search.query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const after = search.modified_after === undefined ? undefined : new Date(search.modified_after)
  const store = await registry.store()
  const results: Result[] = []
  const extensions: string[] = []
  let looked = 0
  let last = search.cursor
  let isMore = true
  while (isMore && looked < maxLookedAt && results.length < limit) {
    const page = await store.list({
      prefix,
      limit: 1000,
      signal,
      ...(last === undefined ? {} : { after: last })
    })
    isMore = page.next !== undefined
    for (const { key, size, modified } of page.items) {
      looked++
      last = key
      const lower = key.toLowerCase()
      if (key.startsWith('.quilt/') || !words.every((word) => lower.includes(word))) continue
      if (!passes(search, key, size) || (after !== undefined && modified < after)) continue
      extensions.push(extensionOf(key))
      results.push({
        kind: 'object',
        uri: addressOf(registry, key),
        ...shownKey(key),
        size,
        modified: modified.toISOString()
      })
      if (results.length === limit) {
        isMore ||= key !== page.items.at(-1)?.key
        break
      }
    }
    context.progress(looked, undefined, 'objects looked at')
  }
  return {
    engine: 'listing',
    results,
    ...(search.facets ? { facets: { extension: countValues(extensions) } } : {}),
    note: `Looked at the keys of ${String(looked)} objects below ${JSON.stringify(prefix)}${isMore ? '; there are more, pass the cursor to go on' : ', which are all'}. Content was not looked at.`,
    ...(isMore && last !== undefined ? { next: last } : {})
  }
}
