/**
 * Every error a program of this workspace reports, by code.
 *
 * `means` says when it happens; `exitCode` is what the process ends with:
 * 1 a check or a step failed, 2 the input was wrong, 3 there is nothing deployed.
 * docs/errors.md is generated from this table.
 */
export const catalogue = {
  internal: { means: 'A fault of the program itself, or of something it did not expect.', exitCode: 1 },
  'invalid-arguments': {
    means: 'A command line argument is unknown, missing or has a wrong value.',
    exitCode: 2
  },
  'invalid-environment': { means: 'An environment variable has a value that is not accepted.', exitCode: 2 },
  'missing-tool': {
    means: 'A program that the step needs is not installed or does not answer.',
    exitCode: 2
  },
  'step-failed': { means: 'A program that the step ran ended with an error.', exitCode: 1 },
  'disk-full': { means: 'There is no room left where something has to be written.', exitCode: 1 },
  aborted: { means: 'The work was interrupted by a signal or a time limit.', exitCode: 1 },

  'not-a-repository': {
    means: 'The folder is not inside a git repository, so there is no version.',
    exitCode: 2
  },
  'no-commit': { means: 'The git repository has no commit yet, so there is no version.', exitCode: 2 },
  'dirty-tree': { means: 'There are uncommitted changes where only a commit may go on.', exitCode: 2 },
  'invalid-reference': { means: 'An image name, tag, digest or registry is not valid.', exitCode: 2 },
  'version-mismatch': { means: 'Two parts of the pipeline belong to different commits.', exitCode: 1 },

  'record-missing': { means: 'A phase was started before the phase it builds on has a record.', exitCode: 2 },
  'record-failed': { means: 'The phase before has a record, and in it a check failed.', exitCode: 2 },
  'record-invalid': {
    means: 'A phase record cannot be read: truncated, edited or of another format.',
    exitCode: 2
  },
  'record-of-other-commit': {
    means: 'The record of the phase before belongs to another commit.',
    exitCode: 2
  },
  'output-missing': { means: 'What the phase before made is no longer there.', exitCode: 2 },
  'output-changed': { means: 'What the phase before made no longer has the recorded digest.', exitCode: 2 },
  'check-failed': { means: 'At least one check of a phase failed.', exitCode: 1 },
  locked: { means: 'Another pipeline is at work in this workspace.', exitCode: 2 },

  'engine-unavailable': { means: 'No container engine answers.', exitCode: 2 },
  'archive-invalid': { means: 'An image archive is damaged or is not an OCI archive.', exitCode: 1 },
  'registry-unavailable': { means: 'The image registry does not answer.', exitCode: 1 },
  'registry-refused': { means: 'The image registry answered with a refusal.', exitCode: 1 },
  'port-taken': { means: 'A port that has to be used is in use by another program.', exitCode: 2 },

  'template-unknown': { means: 'The template holds something the local target does not know.', exitCode: 2 },
  'template-invalid': { means: 'The template is not what the CDK app of this workspace makes.', exitCode: 2 },
  'target-unsupported': { means: 'The named deployment target cannot do what was asked.', exitCode: 2 },
  'rollout-failed': { means: 'A new version did not become healthy; the old one still serves.', exitCode: 1 },
  'not-deployed': { means: 'Nothing is deployed from this workspace.', exitCode: 3 },
  'no-previous-version': { means: 'There is no earlier version to go back to.', exitCode: 2 },
  'aws-credentials': { means: 'There are no AWS credentials, or AWS does not accept them.', exitCode: 2 },
  'aws-denied': { means: 'The AWS credentials do not allow an action that the step needs.', exitCode: 2 },
  'aws-account': { means: 'The AWS credentials are of another account than the settings.', exitCode: 2 },
  'aws-unavailable': { means: 'AWS does not answer, or asks to slow down.', exitCode: 1 },
  'stack-busy': { means: 'CloudFormation is at work on the stack for somebody else.', exitCode: 2 },
  'stack-stuck': { means: 'The stack is in a state that no deployment leads out of.', exitCode: 2 },
  'tag-taken': { means: 'The tag of this commit is another image in the registry already.', exitCode: 2 },
  'state-invalid': { means: 'The state of the deployment cannot be read: truncated or edited.', exitCode: 1 }
} as const satisfies Record<string, { readonly means: string; readonly exitCode: 1 | 2 | 3 }>

export type ErrorCode = keyof typeof catalogue
