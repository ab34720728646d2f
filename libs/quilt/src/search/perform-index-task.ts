import { withIndex } from './database.ts'
import type { IndexTask } from './index-task.ts'
import { queryIndex } from './query-index.ts'
import { addEntries, beginRevision, completeRevision, listIndexed, removePackages } from './write-index.ts'

/** Does work on an index. What comes back crosses between threads. */
export function performIndexTask({ index, registry, work }: IndexTask): unknown {
  return withIndex(index, registry, (database) => {
    switch (work.do) {
      case 'list':
        return listIndexed(database, work.after, work.limit)
      case 'put': {
        const revision = beginRevision(database, work.revision)
        addEntries(database, revision, work.keys, work.sizes)
        return completeRevision(database, revision)
      }
      case 'begin':
        return beginRevision(database, work.revision)
      case 'add':
        return addEntries(database, work.revision, work.keys, work.sizes)
      case 'complete':
        return completeRevision(database, work.revision)
      case 'remove':
        return removePackages(database, work.names)
      case 'find':
        return queryIndex(database, work.query)
    }
  })
}
