import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import type { HistoryEntry } from '../../target.ts'

// Short names: a standard parameter holds 4 KB. Source: AWS Systems Manager, "Parameter tiers".
const stored = z.array(
  z.strictObject({
    v: z.string(),
    r: z.string(),
    c: z.string(),
    d: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    t: z.string(),
    p: z.enum(['none', 'passed', 'failed']),
    h: z.string().optional()
  })
)

const longest = 10

/** What was deployed, newest first. Throws CodedError `state-invalid` for a parameter that is something else. */
export async function readHistory(client: SSMClient, name: string): Promise<readonly HistoryEntry[]> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name }))
  const text = Parameter?.Value ?? ''
  const parsed = stored.safeParse(parseJson(text))
  if (!parsed.success)
    throw new CodedError('state-invalid', `the SSM parameter ${name} is not the history of a deployment`, {
      evidence: text.slice(0, 300),
      remedy: `Reset it: aws ssm put-parameter --overwrite --name ${name} --type String --value '[]'`
    })
  return parsed.data.map(({ v, r, c, d, t, p, h }) => ({
    version: { sha: v, fullSha: r, dirty: false, committedAt: c },
    digest: d,
    deployedAt: t,
    proof: p,
    ...(h === undefined ? {} : { template: h })
  }))
}

/** Keeps the history, each digest once, ten at most. */
export async function writeHistory(
  client: SSMClient,
  name: string,
  history: readonly HistoryEntry[]
): Promise<void> {
  const Value = JSON.stringify(
    history.slice(0, longest).map(({ version, digest, deployedAt, proof, template }) => ({
      v: version.sha,
      r: version.fullSha,
      c: version.committedAt,
      d: digest,
      t: deployedAt,
      p: proof,
      ...(template === undefined ? {} : { h: template })
    }))
  )
  await client.send(new PutParameterCommand({ Name: name, Value, Type: 'String', Overwrite: true }))
}

/** The history with an entry put first. */
export function withEntry(history: readonly HistoryEntry[], entry: HistoryEntry): readonly HistoryEntry[] {
  return [entry, ...history.filter(({ digest }) => digest !== entry.digest)]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
