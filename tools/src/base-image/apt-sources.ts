import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The distribution of a machine. */
export interface Distribution {
  /** Such as `bookworm`. */
  readonly codename: string
}

/** The distribution's name, undefined on a machine that is neither Debian nor Ubuntu. Source: os-release(5). */
export function parseDistribution(osRelease: string): Distribution | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1]
  const id = value('ID')
  const codename = value('VERSION_CODENAME')
  return (id === 'debian' || id === 'ubuntu') && codename !== undefined ? { codename } : undefined
}

/**
 * The package sources of the distribution itself that this machine uses, in one-line form, so that its mirror, proxy
 * and keys are used; sources of other vendors are left out.
 *
 * Source: sources.list(5).
 */
export async function aptSources(folder: string, { codename }: Distribution): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'sources.list.d')).catch(absent)
  const paths = [
    join(folder, 'sources.list'),
    ...names
      .filter((name) => /\.(?:list|sources)$/.test(name))
      .sort()
      .map((name) => join(folder, 'sources.list.d', name))
  ]
  const entries = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8').catch(() => '')
      return path.endsWith('.sources') ? parseStanzas(text) : parseLines(text)
    })
  )
  const suites = new Set(['', '-updates', '-security', '/updates'].map((suffix) => `${codename}${suffix}`))
  return entries
    .flat()
    .filter(({ suite, components }) => suites.has(suite) && components.includes('main'))
    .map(({ uri, suite, signedBy }) =>
      // An embedded key has no one-line form; the distribution's keyring is then found without it.
      signedBy?.startsWith('/') === true
        ? `deb [signed-by=${signedBy}] ${uri} ${suite} main`
        : `deb ${uri} ${suite} main`
    )
}

interface AptSource {
  readonly uri: string
  readonly suite: string
  readonly components: readonly string[]
  readonly signedBy: string | undefined
}

function parseLines(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line)
    if (match === null) return []
    const [, options = '', uri = '', suite = '', components = ''] = match
    const signedBy = /signed-by=(\S+)/.exec(options)?.[1]
    return [{ uri, suite, components: words(components), signedBy }]
  })
}

function parseStanzas(text: string): readonly AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? ''
    if (!words(field('Types')).includes('deb') || field('Enabled').toLowerCase() === 'no') return []
    const components = words(field('Components'))
    const signedBy = field('Signed-By') || undefined
    return words(field('URIs')).flatMap((uri) =>
      words(field('Suites')).map((suite) => ({ uri, suite, components, signedBy }))
    )
  })
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function absent(error: unknown): readonly string[] {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return []
  throw error
}
