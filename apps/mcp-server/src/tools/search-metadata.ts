import type { Answer, Result, Search } from './search-answer.ts'
import { searchPackage } from './search-package.ts'
import type { ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'

/** How long one call goes from package to package before it gives back what it has, in milliseconds. */
const patience = 5000

/**
 * Entries of the latest revisions of all packages whose metadata holds the query: no index has it, so one manifest after
 * the other is searched, as many as there is time for. The cursor is the last package that was.
 */
export async function searchMetadata(search: Search, context: ToolContext): Promise<Answer> {
  const { registry, limit, cursor } = search
  const { signal } = context
  const deadline = performance.now() + patience
  const results: Result[] = []
  let looked = 0
  for (let after = decode(cursor); ;) {
    const page = await registry.packages({ limit: 1, signal, ...(after === undefined ? {} : { after }) })
    for (const { name } of page.items) {
      const found = await searchPackage(
        { ...search, package: name, cursor: undefined, facets: false },
        context
      )
      results.push(...found.results)
      context.progress(++looked, undefined, 'packages searched')
    }
    after = page.next
    if (after === undefined || results.length >= limit || performance.now() > deadline)
      return {
        engine: 'manifest',
        results,
        note: `Looked into ${String(looked)} packages${after === undefined ? ', the last of them' : '; pass the cursor to go on'}. Of each at most ${String(limit)} files are shown.`,
        ...(after === undefined ? {} : { next: encode(after) })
      }
  }
}

function encode(after: string): string {
  return `packages:${after}`
}

function decode(cursor: string | undefined): string | undefined {
  if (cursor === undefined || cursor.startsWith('packages:')) return cursor?.slice('packages:'.length)
  throw new ToolFailure('invalid-cursor', 'the cursor is not one of this search', {
    next: 'Start again without cursor.'
  })
}
