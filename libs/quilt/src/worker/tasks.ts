import { hashChunks } from '../checksums/hash-chunks.ts'
import type { AbortFlag } from '../scan/abort-flag.ts'
import { parseJson } from '../json/parse.ts'
import { encodeIndex } from '../scan/index-encode.ts'
import { searchKeyList, writeKeyList } from '../scan/key-list.ts'
import { scanManifest } from '../scan/scan-manifest.ts'
import { searchMetadata } from '../scan/search-metadata.ts'
import { sortManifest } from '../scan/sort-manifest.ts'
import { performIndexTask } from '../search/perform-index-task.ts'
import { JsonSchema } from '../workflows/json-schema.ts'
import { compilePattern } from '../workflows/python-pattern.ts'
import type { Task } from './protocol.ts'

/** Does a task. What comes back crosses to the thread that asked. */
export function perform(task: Task, abort: AbortFlag): unknown {
  switch (task.kind) {
    case 'scan': {
      const scanned = scanManifest(task.file, { abort })
      return scanned === undefined ? undefined : encodeIndex(scanned.index, task.identity)
    }
    case 'sort':
      return sortManifest(task.file, task.out, abort)
    case 'top-hash':
      return scanManifest(task.file, { abort, hash: true })?.topHash
    case 'list-keys':
      return writeKeyList(task.file, task.firstEntry, task.out, abort)
    case 'search-keys':
      return searchKeyList(task.keys, task.entries, { ...task, abort })
    case 'search-metadata':
      return searchMetadata(task.file, task.firstEntry, { ...task, abort })
    case 'hash-chunks':
      return hashChunks(task, abort)
    case 'search-index':
      return performIndexTask(task.task)
    case 'match-pattern':
      return compilePattern(task.pattern).search(task.text)
    case 'check-schema':
      return new JsonSchema(parseJson(task.schema)).firstError(parseJson(task.value))
  }
}
