import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const main = join(import.meta.dirname, 'main.ts')

test.each([undefined, 'registry.example.org'])(
  'ECR_REGISTRY=%s names no registry of ECR: it says so, and nothing is written',
  async (registry) => {
    const workspace = await mkdtemp(join(tmpdir(), 'registry-login-'))
    const { exitCode, stdout, stderr } = await execa(process.execPath, ['--no-warnings', main], {
      cwd: workspace,
      reject: false,
      env: { ECR_REGISTRY: registry, NODE_OPTIONS: undefined }
    })
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`ECR_REGISTRY is ${registry ?? 'unset'}`)
    expect(stderr).toContain('what to do: Set it to <account>.dkr.ecr.')
    expect(await readdir(workspace)).toEqual([])
    await rm(workspace, { recursive: true })
  }
)
