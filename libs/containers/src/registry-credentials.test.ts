import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inFolder } from '../test/stand-in.ts'
import { registryCredentials } from './registry-credentials.ts'

const names = ['REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'DOCKER_CONFIG'] as const
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]))

function set(values: Readonly<Record<string, string | undefined>>): void {
  for (const name of names)
    if (values[name] === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = values[name]
}

function auths(entries: Readonly<Record<string, string>>): string {
  const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
  return JSON.stringify({
    auths: Object.fromEntries(Object.entries(entries).map(([host, text]) => [host, auth(text)]))
  })
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

beforeEach(() => {
  set({ DOCKER_CONFIG: '/nowhere' })
})
afterEach(() => {
  set(before)
})

describe('credentials for a registry', () => {
  test('come from the file that is named, a colon in the password and all', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'auth.json')
      await write(file, auths({ 'a.example': 'me:pass:word', 'b.example': 'nonsense' }))
      expect(await registryCredentials('a.example', file)).toEqual({ username: 'me', password: 'pass:word' })
      expect(await registryCredentials('b.example', file)).toBeUndefined()
      expect(await registryCredentials('c.example', file)).toBeUndefined()
    })
  })

  test('a named file that is not there is an error', async () => {
    await expect(registryCredentials('a.example', '/nowhere/auth.json')).rejects.toMatchObject({
      code: 'ENOENT'
    })
  })

  test('else from where the engines keep them, in their order', async () => {
    await inFolder(async (folder) => {
      const docker = join(folder, 'docker')
      set({ REGISTRY_AUTH_FILE: join(folder, 'own.json'), XDG_RUNTIME_DIR: folder, DOCKER_CONFIG: docker })
      await write(join(docker, 'config.json'), auths({ 'a.example': 'docker:1', 'b.example': 'docker:2' }))
      await write(join(folder, 'containers', 'auth.json'), auths({ 'a.example': 'podman:1' }))
      expect(await registryCredentials('a.example')).toMatchObject({ username: 'podman' })
      expect(await registryCredentials('b.example')).toMatchObject({ username: 'docker' })
      await write(join(folder, 'own.json'), auths({ 'a.example': 'own:1' }))
      expect(await registryCredentials('a.example')).toMatchObject({ username: 'own' })
    })
  })

  test('none where there are no files, or one without entries', async () => {
    expect(await registryCredentials('a.example')).toBeUndefined()
    await inFolder(async (folder) => {
      set({ DOCKER_CONFIG: folder })
      await write(join(folder, 'config.json'), '{"credsStore": "desktop"}')
      expect(await registryCredentials('a.example')).toBeUndefined()
    })
  })
})
