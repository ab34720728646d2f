/**
 * Does several things at once, all or none: where one fails the others are aborted, and once all have ended the first
 * failure is thrown. Gives the results in order.
 */
export async function together<T>(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<T>)[]
): Promise<readonly T[]> {
  signal.throwIfAborted()
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  let first: { readonly error: unknown } | undefined
  const results = await Promise.all(
    works.map(async (work) => {
      try {
        return { value: await work(either) }
      } catch (error) {
        first ??= { error }
        failure.abort()
        return undefined
      }
    })
  )
  signal.throwIfAborted()
  if (first !== undefined) throw first.error
  return results.flatMap((result) => (result === undefined ? [] : [result.value]))
}
