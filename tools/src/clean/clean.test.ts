import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { localRegistry } from '@fast-mcp/containers'
import { installStandIns } from '@fast-mcp/containers/stand-in'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepText, write } from '../../test/workspace.ts'
import { clean } from './clean.ts'

const path = process.env['PATH'] ?? ''
let workspace = ''

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'clean-'))
})
afterEach(async () => {
  process.env['PATH'] = path
  await rm(workspace, { recursive: true, force: true })
})

async function cleaned(): Promise<string> {
  const { write: terminal, text } = keepText()
  await clean({ workspace, environment: {}, signal: new AbortController().signal, write: terminal })
  return text()
}

async function standIns(): Promise<void> {
  const bin = await installStandIns(join(workspace, 'stand-ins'), ['podman', 'docker-registry'])
  process.env['PATH'] = `${bin}:/usr/bin:/bin`
}

function there(...paths: readonly string[]): readonly string[] {
  return paths.filter((name) => existsSync(join(workspace, name)))
}

const made = {
  'dist/x': '1',
  '.local/container-abc/x': '1',
  '.local/push-test/x': '1',
  '.local/containers/storage/x': '1',
  '.local/deployment/ca/ca.pem': '1',
  '.local/lock.json': '{}'
}

describe('clean', () => {
  test('removes what the phases made, the registry and the store, and keeps the authority', async () => {
    await standIns()
    await write(workspace, made)
    const { host } = await localRegistry(workspace).start()
    const said = await cleaned()
    expect(
      there('dist', '.local/container-abc', '.local/push-test', '.local/registry', '.local/containers')
    ).toEqual([])
    expect(there('.local/deployment/ca/ca.pem', '.local/lock.json')).toHaveLength(2)
    await expect(fetch(`http://${host}/v2/`)).rejects.toThrow()
    expect(said).toMatch(/removed dist, .*\.local\/registry, \.local\/containers\n/)
    expect(said).toMatch(/left \.local\/deployment/)
  })

  test('touches nothing that a live deployment stands on', async () => {
    await standIns()
    await write(workspace, {
      ...made,
      '.local/deployment/state.json': '{}',
      '.local/registry/state.json': '{}'
    })
    const said = await cleaned()
    expect(there('dist', '.local/push-test')).toEqual([])
    expect(there('.local/containers/storage/x', '.local/registry/state.json')).toHaveLength(2)
    expect(said).toMatch(/left images, registry and state of the live deployment/)
  })

  test('leaves the store where no engine answers, and does not mind a damaged registry', async () => {
    process.env['PATH'] = '/nowhere'
    await write(workspace, { ...made, '.local/registry/state.json': '{' })
    const said = await cleaned()
    expect(there('.local/registry')).toEqual([])
    expect(there('.local/containers/storage/x')).toHaveLength(1)
    expect(said).toMatch(/left \.local\/containers/)
  })

  test('says when there is nothing to remove', async () => {
    process.env['PATH'] = '/nowhere'
    expect(await cleaned()).toMatch(/nothing to remove/)
  })
})
