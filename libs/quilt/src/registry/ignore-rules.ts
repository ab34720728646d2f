/**
 * Tells of files in a folder whether they are ignored, by the lines of its `.quiltignore`. A line is a shell pattern for
 * the end of a path, from a slash on: `*` stands for slashes too. What is in an ignored folder is ignored; a line with a
 * final slash means folders only. There are no comments and no exceptions.
 * Source: quilt3 8.0.0, util.py `quiltignore_filter`; the patterns are those of Python's fnmatch.
 *
 * @param folder absolute path of the folder: patterns are compared with whole paths
 */
export function ignoreRules(text: string, folder: string): (key: string) => boolean {
  const patterns = text
    .split(/\r\n|[\r\n]/)
    .filter((line) => line !== '')
    .map((line) => parsePattern(`*/${line}`))
  const isNamed = (path: string): boolean => patterns.some((pattern) => matches(pattern, path))
  const folders = new Map<string, boolean>()
  const isFolderIgnored = (key: string): boolean => {
    const known = folders.get(key)
    if (known !== undefined) return known
    const path = `${folder}/${key}`
    const ignored = isInIgnored(key) || isNamed(path) || isNamed(`${path}/`)
    folders.set(key, ignored)
    return ignored
  }
  const isInIgnored = (key: string): boolean => {
    const end = key.lastIndexOf('/')
    return end >= 0 && isFolderIgnored(key.slice(0, end))
  }
  return (key) => isInIgnored(key) || isNamed(`${folder}/${key}`)
}

/** One piece of a pattern: any text, or a character. */
type Piece = 'any' | ((character: string) => boolean)

function parsePattern(pattern: string): readonly Piece[] {
  const pieces: Piece[] = []
  const characters = Array.from(pattern)
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]
    if (character === '*') pieces.push('any')
    else if (character === '?') pieces.push(() => true)
    else if (character === '[') {
      const negated = characters[at + 1] === '!'
      const start = at + (negated ? 2 : 1)
      // a bracket that comes first is a member of the set
      const end = characters.indexOf(']', start + 1)
      if (end < 0) pieces.push((each) => each === '[')
      else {
        const isMember = setOf(characters.slice(start, end))
        pieces.push((each) => isMember(each) !== negated)
        at = end
      }
    } else pieces.push((each) => each === character)
  }
  return pieces
}

/** Whether a character is in a set such as `a-z_`. */
function setOf(members: readonly string[]): (character: string) => boolean {
  const ranges: (readonly [string, string])[] = []
  for (let at = 0; at < members.length; at++) {
    const first = members[at] ?? ''
    const last = members[at + 2]
    if (members[at + 1] === '-' && last !== undefined) {
      ranges.push([first, last])
      at += 2
    } else ranges.push([first, first])
  }
  return (character) => ranges.some(([first, last]) => within(character, first, last))
}

function within(character: string, first: string, last: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code >= (first.codePointAt(0) ?? 0) && code <= (last.codePointAt(0) ?? 0)
}

/** Whether a pattern fits a whole text. After a failure only the last `any` has to be tried longer. */
function matches(pieces: readonly Piece[], text: string): boolean {
  const characters = Array.from(text)
  let piece = 0
  let at = 0
  let lastAny = -1
  let anyEnd = 0
  while (at < characters.length) {
    const wanted = pieces[piece]
    if (wanted === 'any') {
      lastAny = piece++
      anyEnd = at
    } else if (wanted?.(characters[at] ?? '') === true) {
      piece++
      at++
    } else if (lastAny < 0) return false
    else {
      piece = lastAny + 1
      at = ++anyEnd
    }
  }
  while (pieces[piece] === 'any') piece++
  return piece === pieces.length
}
