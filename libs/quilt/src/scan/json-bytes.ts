/** 1 for a byte that stands for itself in a JSON string: no control character, quote or backslash. */
export const plainByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== 0x22 && byte !== 0x5c ? 1 : 0
)

/** Levels that are checked here; deeper values are left to the general parser. */
const maxLevels = 200

/** Digits of an integer that are passed here; longer ones are left to the general parser, which has a limit. */
const maxDigits = 1000

/**
 * Checks a JSON value in `bytes[start..end)` without making anything of it.
 *
 * @returns the position after the value, or -1 where it is not valid, ends outside, or is unusual (NaN, very deep, very
 *   long numbers): the general parser then decides
 */
export function skipJson(bytes: Uint8Array, start: number, end: number, level = 0): number {
  const at = skipSpace(bytes, start)
  if (at >= end) return -1
  switch (bytes[at]) {
    case 0x22:
      return skipString(bytes, at, end)
    case 0x7b:
      return level < maxLevels ? skipObject(bytes, at, end, level + 1) : -1
    case 0x5b:
      return level < maxLevels ? skipArray(bytes, at, end, level + 1) : -1
    case 0x74:
      return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : -1
    case 0x66:
      return bytes[at + 1] === 0x61 &&
        bytes[at + 2] === 0x6c &&
        bytes[at + 3] === 0x73 &&
        bytes[at + 4] === 0x65
        ? at + 5
        : -1
    case 0x6e:
      return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : -1
    default:
      return skipNumber(bytes, at)
  }
}

export function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++
  return at
}

/** From an opening quote to after the closing one; -1 where there is none before `end` or an escape is wrong. */
export function skipString(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1
  while (at < end) {
    const byte = bytes[at] ?? 0
    if (plainByte[byte] === 1) at++
    else if (byte === 0x22) return at + 1
    else if (byte !== 0x5c) return -1
    else {
      at = skipEscape(bytes, at + 1)
      if (at < 0) return -1
    }
  }
  return -1
}

function skipEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 1
    case 0x75:
      for (let index = at + 1; index < at + 5; index++) if (!isHexDigit(bytes[index] ?? 0)) return -1
      return at + 5
    default:
      return -1
  }
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

function skipObject(bytes: Uint8Array, start: number, end: number, level: number): number {
  let at = skipSpace(bytes, start + 1)
  if (bytes[at] === 0x7d) return at + 1
  for (;;) {
    if (bytes[at] !== 0x22) return -1
    at = skipString(bytes, at, end)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] !== 0x3a) return -1
    at = skipJson(bytes, at + 1, end, level)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] === 0x7d) return at + 1
    if (bytes[at] !== 0x2c) return -1
    at = skipSpace(bytes, at + 1)
  }
}

function skipArray(bytes: Uint8Array, start: number, end: number, level: number): number {
  let at = skipSpace(bytes, start + 1)
  if (bytes[at] === 0x5d) return at + 1
  for (;;) {
    at = skipJson(bytes, at, end, level)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] === 0x5d) return at + 1
    if (bytes[at] !== 0x2c) return -1
    at++
  }
}

function skipNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === 0x2d ? start + 1 : start
  const first = at
  at = skipDigits(bytes, at)
  if (at === first || (bytes[first] === 0x30 && at > first + 1) || at - first > maxDigits) return -1
  if (bytes[at] === 0x2e) {
    const fraction = at + 1
    at = skipDigits(bytes, fraction)
    if (at === fraction) return -1
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1]
    const exponent = at + (sign === 0x2b || sign === 0x2d ? 2 : 1)
    at = skipDigits(bytes, exponent)
    if (at === exponent) return -1
  }
  return at
}

function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    const byte = bytes[at] ?? 0
    if (byte < 0x30 || byte > 0x39) return at
    at++
  }
}
