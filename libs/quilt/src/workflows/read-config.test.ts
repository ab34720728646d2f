import { describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { LocalStore } from '../store/local-store.ts'
import { readWorkflowConfig } from './read-config.ts'

async function withStore(
  content: string | undefined,
  use: (store: LocalStore) => Promise<void>
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'workflows-'))
  try {
    const store = new LocalStore(folder)
    if (content !== undefined) await store.put('.quilt/workflows/config.yml', Buffer.from(content))
    await use(store)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the workflows of a registry', () => {
  test('are read with title and description', () =>
    withStore('version: "1"\nworkflows: {a: {name: A, description: what for}}\n', async (store) => {
      const config = await readWorkflowConfig(store)
      expect(config?.workflows.get('a')).toMatchObject({ title: 'A', description: 'what for' })
    }))

  test('are undefined where there is no configuration', () =>
    withStore(undefined, async (store) => {
      expect(await readWorkflowConfig(store)).toBeUndefined()
    }))

  test.each([
    ['of another form', 'version: "1"\n'],
    ['of more than 1 MiB', `# ${'x'.repeat(1024 * 1024)}`]
  ])('are refused where the configuration is %s', (_, content) =>
    withStore(content, async (store) => {
      await expect(readWorkflowConfig(store)).rejects.toMatchObject({ code: 'workflow-config-invalid' })
    })
  )
})
