import { QuiltError } from '../error.ts'

/**
 * The part of an object of `size` bytes that a range means: cut to the size, empty where it begins behind the end.
 * Throws `invalid-range` for a bound that is not a whole number from 0 up, or an end before the start.
 */
export function rangeWithin(
  size: number,
  range: { readonly start?: number; readonly end?: number }
): { readonly start: number; readonly end: number } {
  const start = range.start ?? 0
  const end = range.end ?? Math.max(size, start)
  for (const bound of [start, end])
    if (!Number.isSafeInteger(bound) || bound < 0)
      throw new QuiltError('invalid-range', `${String(bound)} is not a position in an object`)
  if (end < start)
    throw new QuiltError(
      'invalid-range',
      `the range ends at ${String(end)}, before its start ${String(start)}`
    )
  return { start: Math.min(start, size), end: Math.min(end, size) }
}
