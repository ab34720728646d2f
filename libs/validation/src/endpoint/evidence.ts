/** Text cut to what a person reads, with a note of how much was left out. */
export function shorten(text: string, length = 600): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${String(text.length)} characters)`
}

/** The reason of a failure in one line; for a connection that failed, what was tried. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map((one) => reasonOf(one)))].join('; ')
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer within the time limit'
  const cause =
    error.cause instanceof Error && error.message === 'fetch failed' ? `: ${reasonOf(error.cause)}` : ''
  return `${error.message}${cause}`
}
