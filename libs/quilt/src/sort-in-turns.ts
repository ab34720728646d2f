import type { Pace } from './pace.ts'

/** Items that are sorted at once: about two milliseconds. */
const runLength = 1024

/** The items in order, as Array.prototype.toSorted has them, without blocking the event loop however many there are. */
export async function sortInTurns<T extends NonNullable<unknown>>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  pace: Pace
): Promise<readonly T[]> {
  let from = [...items]
  for (let start = 0; start < from.length; start += runLength) {
    const run = from.slice(start, start + runLength).sort(compare)
    for (const [index, item] of run.entries()) from[start + index] = item
    if (pace.isDue) await pace.rest()
  }
  for (let width = runLength; width < from.length; width *= 2) {
    const to: T[] = []
    for (let start = 0; start < from.length; start += 2 * width) {
      const ends = [Math.min(start + width, from.length), Math.min(start + 2 * width, from.length)] as const
      let [left, right] = [start, ends[0]]
      while (left < ends[0] || right < ends[1]) {
        const [a, b] = [from[left], from[right]]
        // the left one first where they are equal
        const takesLeft =
          right >= ends[1] || (left < ends[0] && a !== undefined && b !== undefined && compare(a, b) <= 0)
        const next = takesLeft ? a : b
        if (next !== undefined) to.push(next)
        if (takesLeft) left++
        else right++
        if (to.length % 256 === 0 && pace.isDue) await pace.rest()
      }
    }
    from = to
  }
  return from
}
