import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A registry, empty at first, and a place with raw data that is served read-only. */
export interface Ground {
  readonly registry: string
  readonly inbox: string
  /** A folder of its own. */
  readonly home: string
  /** What the built server is started with to serve both. */
  readonly environment: Readonly<Record<string, string>>
  /** Writes a file into the inbox. */
  put(name: string, content: string): Promise<void>
}

/** Both in a folder of that name below another one. */
export async function localGround(folder: string, name: string): Promise<Ground> {
  const [registry, inbox, home] = [
    join(folder, name, 'registry'),
    join(folder, name, 'inbox'),
    join(folder, name, 'home')
  ]
  await Promise.all([registry, inbox, home].map((path) => mkdir(path, { recursive: true })))
  return {
    registry: `file://${registry}`,
    inbox: `file://${inbox}`,
    home,
    environment: { QUILT_REGISTRIES: `file://${registry} file://${inbox}?readonly`, TMPDIR: home },
    put: async (key, content) => {
      await mkdir(dirname(join(inbox, key)), { recursive: true })
      await writeFile(join(inbox, key), content)
    }
  }
}

/** Both buckets of an S3 server. */
export async function bucketGround(folder: string, name: string, endpoint: string): Promise<Ground> {
  const home = join(folder, name)
  await mkdir(home, { recursive: true })
  const write = async (path: string, body?: string): Promise<void> => {
    const init = { method: 'PUT', ...(body === undefined ? {} : { body }) }
    const answer = await fetch(`${endpoint}/${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`PUT ${path} got ${String(answer.status)}: ${text}`)
  }
  await write(`${name}-registry`)
  await write(`${name}-inbox`)
  return {
    registry: `s3://${name}-registry`,
    inbox: `s3://${name}-inbox`,
    home,
    environment: {
      QUILT_REGISTRIES: `s3://${name}-registry?endpoint=${endpoint} s3://${name}-inbox?readonly&endpoint=${endpoint}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      HOME: home,
      TMPDIR: home
    },
    put: (key, content) => write(`${name}-inbox/${key}`, content)
  }
}
