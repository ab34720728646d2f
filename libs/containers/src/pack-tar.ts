import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-stream'

/** What goes into a tar. Owner is root, times are those of the tar. */
export type TarContent =
  | { readonly path: string; readonly type: 'folder'; readonly mode: number }
  | { readonly path: string; readonly type: 'symlink'; readonly target: string }
  | {
      readonly path: string
      readonly type: 'file'
      readonly mode: number
      readonly size: number
      readonly content: Uint8Array | (() => AsyncIterable<Uint8Array>)
    }

/**
 * Writes a tar that depends on nothing but its contents and `modified`: entries sorted by path, so that a folder comes
 * before what is in it, owner 0:0, one time for all. Ends the destination.
 */
export async function packTar(
  contents: readonly TarContent[],
  modified: Date,
  destination: Writable
): Promise<void> {
  const pack = tar.pack()
  const sorted = [...contents].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const common = { uid: 0, gid: 0, uname: '', gname: '', mtime: modified }
  const writing = (async () => {
    for (const entry of sorted) {
      switch (entry.type) {
        case 'folder':
          pack.entry({ ...common, name: `${entry.path}/`, type: 'directory', mode: entry.mode })
          break
        case 'symlink':
          pack.entry({
            ...common,
            name: entry.path,
            type: 'symlink',
            mode: 0o777,
            linkname: entry.target
          })
          break
        case 'file': {
          const { path: name, mode, size, content } = entry
          const sink = pack.entry({ ...common, name, type: 'file', mode, size })
          const chunks = content instanceof Uint8Array ? [content] : content()
          for await (const chunk of chunks) if (!sink.write(chunk)) await once(sink, 'drain')
          const closed = once(sink, 'close')
          sink.end(undefined)
          await closed
        }
      }
    }
    pack.finalize()
  })()
  const results = await Promise.allSettled([writing, pipeline(pack, destination)])
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
