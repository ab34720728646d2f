import { posix } from 'node:path'
import { z } from 'zod'

/** Patterns of paths, as shells have them. */
export const globsArgument = z.array(z.string().min(1).max(256)).max(50)

/**
 * Whether a path is among the included ones and not among the excluded. A pattern without a slash is for the file name
 * at any depth; without patterns to include, everything is included.
 */
export function globFilter(
  include: readonly string[],
  exclude: readonly string[]
): (path: string) => boolean {
  const included = include.map(anywhere)
  const excluded = exclude.map(anywhere)
  const matches = (path: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => posix.matchesGlob(path, pattern))
  return (path) => (included.length === 0 || matches(path, included)) && !matches(path, excluded)
}

function anywhere(pattern: string): string {
  if (!pattern.includes('/')) return `**/${pattern}`
  return pattern.endsWith('/') ? `${pattern}**` : pattern
}
