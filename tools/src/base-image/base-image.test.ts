import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readOciArchive, scanLayers } from '@fast-mcp/containers'
import { installScript, layerTar } from '@fast-mcp/containers/stand-in'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepText, write } from '../../test/workspace.ts'
import { baseImage, publicBase } from './base-image.ts'
import { baseArchive, baseRecordPath, readBaseRecord } from './base-record.ts'
import { buildBase } from './build-base.ts'
import { wanted } from './debian-packages.ts'

const path = process.env['PATH'] ?? ''
const { signal } = new AbortController()
let workspace = ''

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'base-'))
})
afterEach(async () => {
  process.env['PATH'] = path
  await rm(workspace, { recursive: true, force: true })
})

/** Packages as dpkg-deb would describe and unpack them, and the programs that fetch and read them. */
async function distribution(names: readonly string[] = [...wanted, 'gcc-12-base', 'openssl']): Promise<void> {
  const debs = join(workspace, 'debs')
  await mkdir(debs)
  const files: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    libc6: {
      'lib/x/libc.so.6': 'libc',
      'lib/x/gconv/big.so': 'x',
      'usr/share/doc/libc6/copyright': 'ours',
      'usr/share/doc/libc6/NEWS': 'x'
    },
    'base-files': { 'usr/lib/os-release': 'ID=debian', 'etc/issue': 'x' },
    'ca-certificates': {
      'usr/share/ca-certificates/a.crt': 'CERT A\n',
      'usr/share/ca-certificates/b.crt': 'CERT B\n'
    },
    openssl: { 'usr/lib/libssl.so': 'ssl' }
  }
  for (const name of names) {
    const own = files[name] ?? { [`usr/share/doc/${name}/copyright`]: name }
    await writeFile(
      join(debs, `${name}_1.0_amd64.deb`),
      await layerTar({ tmp: undefined, usr: undefined, ...own })
    )
    await writeFile(
      join(debs, `${name}_1.0_amd64.deb.control`),
      `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\n`
    )
  }
  await installScript(
    workspace,
    'mmdebstrap',
    `cat >'${workspace}/sources'\nfor word; do case "$word" in --extract-hook=*) to="\${word##* }";; esac; done\nmkdir "$to/archives"; cp '${debs}'/* "$to/archives"`
  )
  await installScript(workspace, 'dpkg-deb', 'case "$1" in --field) cat "$2.control";; *) cat "$2";; esac')
  await installScript(workspace, 'strip', 'while [ "$1" != -o ]; do shift; done; /bin/cp "$3" "$2"')
  await write(workspace, { node: '#!/bin/sh\necho v24.1.2\n' })
  await chmod(join(workspace, 'node'), 0o755)
  process.env['PATH'] = `${join(workspace, 'bin')}:${path}`
}

function build(sources: readonly string[] = ['deb http://x.example bookworm main']) {
  const node = join(workspace, 'node')
  return buildBase({ workspace, codename: 'bookworm', sources, node, signal })
}

describe('building the base image', () => {
  test('takes the libraries, the licences, the certificates and Node, and leaves the rest', async () => {
    await distribution()
    const base = await build()
    expect(base).toMatchObject({ kind: 'built', node: 'v24.1.2' })
    expect(base.packages.map(({ name }) => name)).toEqual([
      'base-files',
      'ca-certificates',
      'gcc-12-base',
      'libc6',
      'libgcc-s1',
      'libstdc++6',
      'netbase'
    ])
    const archive = await readOciArchive(baseArchive(workspace))
    expect(archive.imageId).toBe(base.imageId)
    expect(archive.config.environment['SSL_CERT_FILE']).toBe('/etc/ssl/certs/ca-certificates.crt')
    const contents: Record<string, string> = {}
    const modes: Record<string, number> = {}
    await scanLayers(archive, async ({ path: name, type, mode, content }) => {
      modes[name] = mode
      if (type !== 'file') return
      let text = ''
      for await (const chunk of content) text += chunk.toString()
      contents[name] = text
    })
    expect(contents).toMatchObject({
      'lib/x/libc.so.6': 'libc',
      'usr/share/doc/libc6/copyright': 'ours',
      'usr/lib/os-release': 'ID=debian',
      'etc/ssl/certs/ca-certificates.crt': 'CERT A\nCERT B\n',
      'var/lib/dpkg/status.d/libc6': 'Package: libc6\nVersion: 1.0\nArchitecture: amd64\n',
      'usr/local/bin/node': '#!/bin/sh\necho v24.1.2\n'
    })
    expect(contents['etc/passwd']).toMatch(/^server:x:1000:1000:/m)
    expect(Object.keys(contents).filter((name) => /gconv|NEWS|issue|libssl|\.crt$/.test(name))).toEqual([
      'etc/ssl/certs/ca-certificates.crt'
    ])
    expect([modes['usr/local/bin/node'], modes['lib/x'], modes['tmp']]).toEqual([0o755, 0o755, 0o755])
    expect(await readFile(join(workspace, 'sources'), 'utf8')).toBe('deb http://x.example bookworm main\n')
  })

  test('gives the same bytes for the same packages', async () => {
    await distribution()
    await build()
    const first = await readFile(baseArchive(workspace))
    await build()
    expect((await readFile(baseArchive(workspace))).equals(first)).toBe(true)
  })

  test('a package that did not come is named', async () => {
    await distribution(['libc6', 'openssl'])
    await expect(build()).rejects.toMatchObject({
      code: 'step-failed',
      message: expect.stringContaining('base-files, ca-certificates')
    })
  })

  test('what mmdebstrap says is shown where it fails', async () => {
    await distribution()
    await installScript(workspace, 'mmdebstrap', 'echo "E: apt-get update failed" >&2; exit 1')
    await expect(build()).rejects.toMatchObject({ code: 'step-failed', evidence: 'E: apt-get update failed' })
  })

  test('a program that is not there is named', async () => {
    await distribution()
    await rm(join(workspace, 'bin', 'mmdebstrap'))
    process.env['PATH'] = join(workspace, 'bin')
    await expect(build()).rejects.toMatchObject({ code: 'missing-tool' })
  })

  test('a machine without package sources is told to set BASE_IMAGE', async () => {
    await expect(build([])).rejects.toMatchObject({
      code: 'missing-tool',
      remedy: expect.stringContaining('BASE_IMAGE')
    })
  })

  test('a package that cannot be unpacked is named', async () => {
    await distribution()
    const script =
      'case "$1" in --field) cat "$2.control";; *) echo "not a Debian archive" >&2; exit 2;; esac'
    await installScript(workspace, 'dpkg-deb', script)
    await expect(build()).rejects.toMatchObject({
      code: 'step-failed',
      message: expect.stringMatching(/could not unpack base-files_1\.0_amd64\.deb/),
      evidence: 'not a Debian archive\n'
    })
  })

  test('an interrupt ends it and leaves no archive', async () => {
    await distribution()
    await installScript(workspace, 'mmdebstrap', 'exec sleep 30')
    const abort = new AbortController()
    const building = buildBase({
      workspace,
      codename: 'x',
      sources: ['deb x y main'],
      node: join(workspace, 'node'),
      signal: abort.signal
    })
    setTimeout(() => {
      abort.abort(new Error('enough'))
    }, 100)
    await expect(building).rejects.toThrow('enough')
    expect(existsSync(baseArchive(workspace))).toBe(false)
  })
})

describe('the base image', () => {
  test('is BASE_IMAGE where it is set', async () => {
    const terminal = keepText()
    await write(workspace, { 'dist/base-image/base.oci.tar': 'of before' })
    const environment = { BASE_IMAGE: 'registry.example/node:24' }
    const base = await baseImage({ workspace, environment, signal, write: terminal.write })
    expect(base).toEqual({ kind: 'pulled', reference: 'registry.example/node:24' })
    expect(await readBaseRecord(workspace)).toEqual(base)
    expect(terminal.text()).toBe('base image: registry.example/node:24\n')
    expect(existsSync(baseArchive(workspace))).toBe(false)
  })

  test('is the public one where none can be built', async () => {
    const options = { workspace, environment: { PATH: '/nowhere' }, signal, write: () => undefined }
    expect(await baseImage(options)).toEqual({ kind: 'pulled', reference: publicBase })
  })

  test('that is not there, or not complete, is named', async () => {
    await expect(readBaseRecord(workspace)).rejects.toMatchObject({ code: 'output-missing' })
    await write(workspace, { 'dist/base-image/base.json': '{}' })
    await expect(readBaseRecord(workspace)).rejects.toMatchObject({ code: 'output-changed' })
    const built = { kind: 'built', imageId: 'a', layerDigest: 'b', layerSize: 1, node: 'c', packages: [] }
    await writeFile(baseRecordPath(workspace), JSON.stringify(built))
    await expect(readBaseRecord(workspace)).rejects.toMatchObject({ code: 'output-missing' })
    await writeFile(baseArchive(workspace), '')
    expect(await readBaseRecord(workspace)).toEqual(built)
  })
})
