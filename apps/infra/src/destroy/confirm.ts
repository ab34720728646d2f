import { createInterface } from 'node:readline/promises'
import { CodedError } from '@fast-mcp/errors'

/**
 * Shows what goes and asks for the stage's name before everything in it is deleted; where nothing is there, asks
 * nothing. Throws CodedError `invalid-arguments` for another
 * answer, and where nobody can be asked.
 */
export async function confirm(
  stage: string,
  /** What goes, one line each. */
  plan: () => readonly string[] | Promise<readonly string[]>,
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream
): Promise<void> {
  if (input.isTTY !== true)
    throw new CodedError(
      'invalid-arguments',
      `the stack of stage ${stage} would be deleted, and nobody can be asked`,
      {
        remedy: 'Say so: npx nx run infra:destroy -- --yes'
      }
    )
  const going = await plan()
  if (going.length === 0) return
  output.write(`${going.join('\n')}\n`)
  const lines = createInterface({ input, output })
  try {
    const answer = await lines.question(
      `Everything of stage ${stage} on AWS will be deleted. Type its name to go on: `
    )
    if (answer.trim() !== stage)
      throw new CodedError(
        'invalid-arguments',
        `${JSON.stringify(answer.trim())} is not ${stage}; nothing was done`,
        {
          remedy: 'Run it again and type the name of the stage.'
        }
      )
  } finally {
    lines.close()
  }
}
