import type { z } from 'zod'

const shownIssues = 5
const shownLength = 200

/** What zod found wrong, in words: `path: message`, the first five, each cut to 200 characters. Holds no value that was given. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const shown = issues.slice(0, shownIssues).map((issue) => {
    const path = issue.path.join('.')
    return (path === '' ? issue.message : `${path}: ${issue.message}`).slice(0, shownLength)
  })
  if (issues.length > shown.length) shown.push(`and ${String(issues.length - shown.length)} more`)
  return shown.join('; ')
}
