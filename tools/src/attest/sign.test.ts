import { describe, expect, test } from '@jest/globals'
import { inFolder, installScript } from '@fast-mcp/containers/stand-in'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sign } from './sign.ts'

const digest = `sha256:${'a'.repeat(64)}`
const pushed = {
  reference: '127.0.0.1:5000/quilt-mcp:abcdef1',
  digest,
  registry: '127.0.0.1:5000',
  insecure: true
}

/** A cosign of our own on the PATH while `work` runs; none where there is no script. */
async function withCosign(
  script: string | undefined,
  work: (folder: string) => Promise<void>
): Promise<void> {
  await inFolder(async (folder) => {
    const before = process.env['PATH']
    const bin =
      script === undefined
        ? folder
        : await installScript(folder, 'cosign', script.replaceAll('FOLDER', folder))
    process.env['PATH'] = script === undefined ? folder : `${bin}:${before ?? ''}`
    try {
      await work(folder)
    } finally {
      process.env['PATH'] = before
    }
  })
}

describe('signing', () => {
  test('is of the digest, with the key that is configured', async () => {
    await withCosign('echo "$REGISTRY_AUTH_FILE $*" > FOLDER/said', async (folder) => {
      await sign('cosign.key', pushed, '/auth.json')
      expect(await readFile(join(folder, 'said'), 'utf8')).toBe(
        `/auth.json sign --yes --key cosign.key --allow-http-registry 127.0.0.1:5000/quilt-mcp@${digest}\n`
      )
    })
  })

  test('that cosign refuses is an error with its words', async () => {
    await withCosign('echo "decryption failed" >&2\nexit 1', async () => {
      await expect(sign('cosign.key', pushed, undefined)).rejects.toMatchObject({
        code: 'step-failed',
        evidence: 'decryption failed'
      })
    })
  })

  test('without cosign says so', async () => {
    await withCosign(undefined, async () => {
      await expect(sign('cosign.key', pushed, undefined)).rejects.toMatchObject({ code: 'missing-tool' })
    })
  })
})
