import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, get, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deploymentPaths, type DeploymentPaths } from '../deployment-paths.ts'
import { ensureCertificate } from './ensure.ts'
import { issueLeaf } from './issue.ts'

const day = 86_400_000
let workspace: string
let paths: DeploymentPaths

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'certificate-'))
  paths = deploymentPaths(workspace)
})

afterEach(async () => {
  await rm(workspace, { recursive: true })
})

function read(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

/** Status of GET / at a host, trusting only the given authority, from a TLS server with the leaf. */
async function fetchWith(leaf: string, ca: string, host: string): Promise<number | undefined> {
  const server = createServer({ cert: leaf, key: leaf }, (_, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  try {
    const { port } = server.address() as AddressInfo
    return await new Promise((resolve, reject) => {
      get({ host, port, ca, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('ensureCertificate', () => {
  test('makes an authority and a certificate that clients accept for localhost and 127.0.0.1', async () => {
    const report = await ensureCertificate(paths, 'test')
    expect(report).toMatchObject({ newAuthority: true, newLeaf: true })
    const [ca, leaf] = await Promise.all([read(paths.authority), read(paths.leaf)])
    for (const host of ['localhost', '127.0.0.1']) expect(await fetchWith(leaf, ca, host)).toBe(200)
    expect(new X509Certificate(leaf).subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
    )
  })

  test('keeps private keys to their owner and leaves nothing aside', async () => {
    await ensureCertificate(paths, 'test')
    for (const path of [paths.authorityKey, paths.leaf]) expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await readdir(dirname(paths.leaf))).sort()).toEqual(['ca-key.pem', 'ca.pem', 'localhost.pem'])
  })

  test('keeps what it made before', async () => {
    await ensureCertificate(paths, 'test')
    const before = await Promise.all([read(paths.authority), read(paths.leaf)])
    expect(await ensureCertificate(paths, 'test')).toMatchObject({ newAuthority: false, newLeaf: false })
    expect(await Promise.all([read(paths.authority), read(paths.leaf)])).toEqual(before)
  })

  test('renews the certificate, not the authority, within 30 days of its end', async () => {
    await ensureCertificate(paths, 'test')
    const authority = await read(paths.authority)
    const soon = new Date(Date.now() + 370 * day)
    const report = await ensureCertificate(paths, 'test', soon)
    expect(report).toMatchObject({ newAuthority: false, newLeaf: true })
    expect(report.notAfter.getTime()).toBeGreaterThan(soon.getTime() + 390 * day)
    expect(await read(paths.authority)).toBe(authority)
  })

  test('renews a certificate from the future, after the clock was set back', async () => {
    await ensureCertificate(paths, 'test', new Date(Date.now() + 100 * day))
    expect(await ensureCertificate(paths, 'test')).toMatchObject({ newAuthority: true, newLeaf: true })
  })

  test.each(['authority', 'authorityKey'] as const)(
    'makes both anew where the %s is damaged',
    async (part) => {
      await ensureCertificate(paths, 'test')
      await writeFile(paths[part], (await read(paths[part])).slice(0, 80))
      expect(await ensureCertificate(paths, 'test')).toMatchObject({ newAuthority: true, newLeaf: true })
      expect(await fetchWith(await read(paths.leaf), await read(paths.authority), '127.0.0.1')).toBe(200)
    }
  )

  test('makes both anew where the key belongs to another authority', async () => {
    const other = deploymentPaths(await mkdtemp(join(workspace, 'other-')))
    await Promise.all([ensureCertificate(paths, 'one'), ensureCertificate(other, 'two')])
    await writeFile(paths.authorityKey, await read(other.authorityKey))
    expect(await ensureCertificate(paths, 'one')).toMatchObject({ newAuthority: true })
  })

  test('makes a new certificate where the old one is missing, damaged or of another authority', async () => {
    const other = deploymentPaths(await mkdtemp(join(workspace, 'other-')))
    await Promise.all([ensureCertificate(paths, 'one'), ensureCertificate(other, 'one')])
    for (const content of ['', 'nonsense', await read(other.leaf)]) {
      await writeFile(paths.leaf, content)
      expect(await ensureCertificate(paths, 'one')).toMatchObject({ newAuthority: false, newLeaf: true })
    }
    await rm(paths.leaf)
    expect(await ensureCertificate(paths, 'one')).toMatchObject({ newAuthority: false, newLeaf: true })
  })

  test('fails where the folder cannot be read', async () => {
    await writeFile(join(workspace, '.local'), 'a file')
    await expect(ensureCertificate(paths, 'test')).rejects.toThrow('ENOTDIR')
  })
})

describe('the authority', () => {
  test.each([
    ['plain', 'plain'],
    ['a, O=b + c="d" \\ #', 'a_ O_b _ c__d_ _ _'],
    ['Zürich', 'Zürich'],
    ['long'.repeat(40), 'long'.repeat(11)]
  ])('is named after the workspace %j', async (name, shown) => {
    await ensureCertificate(paths, name)
    const { subject } = new X509Certificate(await read(paths.authority))
    expect(subject.split('\n')[0]).toMatch(new RegExp(`^CN=Fast MCP Server in ${shown}`))
    expect(await fetchWith(await read(paths.leaf), await read(paths.authority), '127.0.0.1')).toBe(200)
  })

  test('is an authority for loopback only', async () => {
    await ensureCertificate(paths, 'test')
    const certificate = new X509Certificate(await read(paths.authority))
    expect(certificate.ca).toBe(true)
    const authority = { certificate: await read(paths.authority), key: await read(paths.authorityKey) }
    const leaf = await issueLeaf(authority, ['example.com'], 10, new Date())
    const server = createServer({ cert: leaf.certificate, key: leaf.key }, (_, response) =>
      response.end('ok')
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const attempt = new Promise((resolve, reject) => {
        request(
          { host: '127.0.0.1', port, ca: authority.certificate, servername: 'example.com', agent: false },
          resolve
        )
          .on('error', reject)
          .end()
      })
      await expect(attempt).rejects.toThrow('permitted subtree violation')
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
