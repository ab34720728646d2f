import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import { AwsTarget } from '../src/targets/aws/aws-target.ts'
import { templatePath } from '../src/template-path.ts'
import { digest, fakeAccount, imageUri, registry } from './aws-account.ts'

export const template = '{"Resources":{}}'
export const version: Version = {
  sha: 'a'.repeat(7),
  fullSha: 'a'.repeat(40),
  dirty: false,
  committedAt: '2026-01-02T03:04:05Z'
}
export const request = {
  version,
  image: { reference: imageUri('a'), digest: digest('a'), insecure: false },
  template
}

/** A workspace with a synthesized template, and an account in which version `aaaaaaa` is deployed. */
export interface AwsWorld {
  readonly workspace: string
  readonly fake: ReturnType<typeof fakeAccount>
  /** What was reported. */
  readonly lines: string[]
  /** `limitMs`: how long its checks wait for what does not come; long where it does come. */
  target(limitMs?: number): AwsTarget
  /** The history as it was written first. */
  written(): unknown
  end(): Promise<void>
}

export async function awsWorld(): Promise<AwsWorld> {
  const workspace = await mkdtemp(join(tmpdir(), 'aws-target-'))
  await mkdir(join(workspace, '.local'))
  await mkdir(join(workspace, 'dist/cdk.out'), { recursive: true })
  await writeFile(templatePath(workspace), template)
  const fake = fakeAccount()
  const lines: string[] = []
  return {
    workspace,
    fake,
    lines,
    target(limitMs = 20) {
      const environment = readPipelineEnvironment({ ECR_REGISTRY: registry })
      const { signal } = new AbortController()
      const report = (line: string): void => {
        lines.push(line)
      }
      return new AwsTarget(
        { workspace, environment, signal, report },
        { clients: fake.clients, pauseMs: 1, patience: { limitMs, pauseMs: 5 } }
      )
    },
    written: () => JSON.parse(fake.ssm.commandCalls(PutParameterCommand)[0]?.args[0].input.Value ?? ''),
    async end() {
      await rm(workspace, { recursive: true })
    }
  }
}
