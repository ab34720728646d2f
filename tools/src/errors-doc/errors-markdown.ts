import { catalogue } from '@fast-mcp/errors'

const exitCodes = {
  1: 'a check or a step failed',
  2: 'the input was wrong: arguments, environment, or what a phase builds on',
  3: 'nothing is deployed'
} as const

/** docs/errors.md: every error code, from the catalogue. */
export function errorsMarkdown(): string {
  return [
    '# Errors',
    '',
    '<!-- Written by `node tools/src/errors-doc/main.ts` from libs/errors/src/catalogue.ts; a test holds it current. -->',
    '',
    'Every program of the workspace reports an error as a message that names the value, what was seen, what to do, and',
    'the code below in brackets; with `--json` as one object `{"error": {code, message, remedy, evidence}}` on stderr. It',
    'ends with',
    `${Object.entries(exitCodes)
      .map(([code, means]) => `${code} (${means})`)
      .join(', ')}, or 130 after an interrupt.`,
    '',
    '| code | what it means | exit code |',
    '|---|---|---|',
    ...Object.entries(catalogue)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, { means, exitCode }]) =>
          `| \`${code}\` | ${means.replaceAll('|', '\\|')} | ${String(exitCode)} |`
      ),
    ''
  ].join('\n')
}
