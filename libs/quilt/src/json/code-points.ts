/**
 * The order of Python strings: by code point, less than zero where `a` comes first. JavaScript compares UTF-16 units,
 * which puts U+10000 and above before U+E000. Half a surrogate pair counts as the code point it is.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let index = 0
  while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index++
  if (index === length) return a.length - b.length
  // the difference may be in the second half of a pair whose first half is in both
  if (index > 0 && (a.charCodeAt(index - 1) & 0xfc00) === 0xd800) {
    const difference = codePoint(a, index - 1) - codePoint(b, index - 1)
    if (difference !== 0) return difference
  }
  return codePoint(a, index) - codePoint(b, index)
}

function codePoint(text: string, index: number): number {
  return text.codePointAt(index) ?? -1
}

/** The order of walking a package: path part by path part, each by code point. `/` comes before every character. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let index = 0
  while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index++
  if (index < length) {
    if (a.charCodeAt(index) === 0x2f) return -1
    if (b.charCodeAt(index) === 0x2f) return 1
  }
  return compareCodePoints(a, b)
}
