import { isQuiltError } from '../../src/error.ts'

/** Errors of the client as they were recorded, and what they are here: their text is the same, unless one is given. */
const table: readonly (readonly [RegExp, code: string, message?: RegExp])[] = [
  [/^QuiltConflictException: (?<text>.*; expected no revision)/, 'conflict'],
  [/^QuiltException: (?<text>Invalid hash: .*)/, 'invalid-top-hash'],
  [/^QuiltException: (?<text>Found zero matches .*)/, 'revision-not-found'],
  [/^QuiltException: (?<text>No such package version .*)/, 'revision-not-found'],
  [/^QuiltException: (?<text>Invalid package name: .*)/, 'invalid-package-name'],
  [/^QuiltException: (?<text>Invalid package destination path .*)/, 'invalid-destination'],
  [/^QuiltException: (?<text>The 'registry' argument .*)/, 'invalid-registry'],
  [
    /^ValueError: .*(?<text>URI must not include versionId)/,
    'invalid-destination',
    /URI must not include versionId$/
  ],
  [/^ClientError: .*404.* HeadObject/, 'revision-not-found', /^there is no revision /],
  [/^ClientError: .*404.* HeadObject/, 'package-not-found', /^there is no package /],
  [/^ClientError: .*404.* HeadObject/, 'object-not-found', /^there is no object /],
  [/^ClientError: .*404.* HeadObject/, 'invalid-pointer', /^pointer .* in place of a top hash$/],
  [
    /^ValueError: The package commit message must be a string/,
    'invalid-option',
    /^The package commit message must be a string, but it is a number$/
  ],
  [/^TypeError: $/, 'invalid-option', /^The workflow must be a string, but it is a number$/],
  [/^NoSuchKey: /, 'package-not-found', /^there is no package /],
  [/^FileNotFoundError: /, 'package-not-found', /^there is no package /],
  [/^QuiltException: Not a file: '\/nonexistent'/, 'object-not-found', /^\/nonexistent does not exist$/],
  [/^WorkflowValidationError: (?<text>.*)/, 'workflow-failed'],
  [/^QuiltException: (?<text>Currently we don't support \$ref in schema\.)/, 'workflow-config-invalid'],
  [/^QuiltException: (?<text>.*[Ww]orkflow.*)/, 'workflow-failed'],
  [/^(?:ConfigurationError|UnsupportedConfigurationVersionError): (?<text>.*)/, 'workflow-config-invalid'],
  [
    /^error: missing \), unterminated subpattern/,
    'workflow-config-invalid',
    /^'\(' is not a valid pattern: /
  ],
  [/^QuiltException: (?<text>This Package is missing a README file\.)/, '']
]

/** The error that a recorded one is here; where ours may have any text of a kind, it has the one it has. */
export function expectedError(recorded: string, ours: Error | undefined): string {
  const code = isQuiltError(ours) ? ours.code : ''
  for (const [pattern, expected, message] of table) {
    const found = pattern.exec(recorded)
    if (found === null || (message !== undefined && expected !== code)) continue
    const text =
      message === undefined
        ? found.groups?.text
        : message.test(ours?.message ?? '')
          ? ours?.message
          : String(message)
    return expected === '' ? String(text) : `${expected}: ${String(text)}`
  }
  return `nothing is known of: ${recorded}`
}
