import { eachTarEntry, type TarContent } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import type { DebianPackage } from './debian-packages.ts'

/** The user the server runs as; it owns nothing. */
export const serverUser = 1000

/**
 * The files of the packages that the image keeps, and those that installing them would have made: the bundle of
 * certificates, users, and a description of each package for vulnerability scanners.
 */
export async function rootFiles(packages: readonly DebianPackage[]): Promise<readonly TarContent[]> {
  const files = new Map<string, TarContent>()
  const certificates: Buffer[] = []
  for (const { path } of packages)
    for (const file of await unpack(path)) {
      if (file.type === 'file' && /^usr\/share\/ca-certificates\/.*\.crt$/.test(file.path)) {
        if (file.content instanceof Buffer) certificates.push(file.content)
      } else if (isKept(file)) files.set(file.path, file)
    }
  const made = [
    text('etc/ssl/certs/ca-certificates.crt', Buffer.concat(certificates).toString('utf8')),
    text(
      'etc/passwd',
      `root:x:0:0:root:/root:/sbin/nologin\nserver:x:${serverUser}:${serverUser}:server:/:/sbin/nologin\n`
    ),
    text('etc/group', `root:x:0:\nserver:x:${serverUser}:\n`),
    text('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    ...packages.map(({ name, control }) => text(`var/lib/dpkg/status.d/${name}`, control))
  ]
  for (const file of made) files.set(file.path, file)
  return withFolders([...files.values()])
}

/** A text file that everyone may read. */
export function text(path: string, content: string): TarContent {
  const bytes = Buffer.from(content)
  return { path, type: 'file', mode: 0o644, size: bytes.length, content: bytes }
}

/** The contents with every folder that leads to them. */
export function withFolders(contents: readonly TarContent[]): readonly TarContent[] {
  const known = new Map(contents.map((entry) => [entry.path, entry]))
  for (const { path } of contents)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at)
      if (!known.has(folder)) known.set(folder, { path: folder, type: 'folder', mode: 0o755 })
    }
  return [...known.values()]
}

const unneeded = [
  // Licences stay: usr/share/doc/<package>/copyright and usr/share/common-licenses.
  /^usr\/share\/doc\/(?!.*\/copyright$|[^/]+$)/,
  /^usr\/share\/(?:man|lintian|locale|bug|gdb|gcc|base-files|info)\//,
  /^usr\/s?bin\//,
  /^(?:usr\/)?lib\/[^/]+\/(?:gconv|audit)\//,
  /^(?:usr\/)?lib\/(?:systemd|udev)\//,
  /^etc\/(?:update-motd\.d|profile\.d|skel|dpkg|default|ca-certificates)\//,
  /^etc\/(?:issue|issue\.net|ethertypes|rpc)$/
]

function isKept(file: TarContent): boolean {
  // Only folders with a mode or a use of their own; the others come from what is in them.
  if (file.type === 'folder') return /^(?:tmp|root|run|proc|sys|dev|etc|home)$/.test(file.path)
  return !unneeded.some((pattern) => pattern.test(file.path))
}

/** Every file of a package; folders, links and contents. Throws CodedError `step-failed` for a damaged package. */
async function unpack(path: string): Promise<readonly TarContent[]> {
  const child = spawn('dpkg-deb', ['--fsys-tarfile', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.env
  })
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject)
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const files: TarContent[] = []
  const reading = eachTarEntry(child.stdout, [], async ({ header, content }) => {
    const name = header.name.replace(/^\.\//, '').replace(/\/$/, '')
    if (name === '' || name === '.') return
    if (header.type === 'directory') files.push({ path: name, type: 'folder', mode: header.mode })
    else if (header.type === 'symlink') files.push({ path: name, type: 'symlink', target: header.linkname })
    else if (header.type === 'file') {
      const chunks: Buffer[] = []
      for await (const chunk of content) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      files.push({ path: name, type: 'file', mode: header.mode, size: bytes.length, content: bytes })
    } else throw new TypeError(`${path} holds ${name}, a ${header.type}, which the base image cannot take`)
  })
  const [read, code] = await Promise.all([
    reading.then(
      () => undefined,
      (error: unknown) => ({ error })
    ),
    ended
  ])
  if (code !== 0)
    throw new CodedError('step-failed', `dpkg-deb could not unpack ${basename(path)}`, {
      evidence: said,
      remedy: 'Check the disk space and the package sources of this machine, then run it again.'
    })
  if (read !== undefined) throw read.error
  return files
}
