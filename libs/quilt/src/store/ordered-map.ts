/**
 * Applies `work` to every item, several at a time, and yields the results in the order of the items. Holds at most
 * `concurrency` results. When one fails, no more are started, the signal given to the others is aborted, and the error
 * is thrown once they have ended.
 */
export async function* orderedMap<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal?: AbortSignal
): AsyncGenerator<R> {
  const abort = new AbortController()
  const combined = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal])
  const running: Promise<R>[] = []
  try {
    for await (const item of items) {
      const result = work(item, combined)
      // it is awaited in its turn; until then a failure must not end the process
      result.catch(() => undefined)
      running.push(result)
      const first = running.length < concurrency ? undefined : running.shift()
      if (first !== undefined) yield await first
    }
    for (let first = running.shift(); first !== undefined; first = running.shift()) yield await first
  } finally {
    abort.abort()
    await Promise.allSettled(running)
  }
}
