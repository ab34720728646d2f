/** Clients are told no more often than this, in milliseconds. */
const pause = 200

/** Says of each step of some work whether the client is told of it: not more than five times a second, but of the end. */
export function progressPace(): (isEnd: boolean) => boolean {
  let last = Number.NEGATIVE_INFINITY
  return (isEnd) => {
    const now = performance.now()
    if (!isEnd && now - last < pause) return false
    last = now
    return true
  }
}
