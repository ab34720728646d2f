import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** Licences that what ships may have: all ask for no more than their notice. Names are those of SPDX. */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense'
])

const manifestSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)])
})

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly license: string
  /** The licence and notice files it comes with, whole; empty where it has none. */
  readonly texts: readonly string[]
}

/** The folders, each once and sorted, of the installed packages that these files lie in; files of the workspace have none. */
export function packageFolders(files: Iterable<string>): readonly string[] {
  const folders = new Set<string>()
  for (const file of files) {
    const found = /^(.*(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*)\//.exec(file)
    if (found?.[1] !== undefined) folders.add(found[1])
  }
  return [...folders].sort()
}

/** Reads what an installed package says of itself. Throws an Error that names the folder where it gives no licence. */
export async function readPackage(folder: string): Promise<BundledPackage> {
  const manifest = manifestSchema.safeParse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  if (!manifest.success)
    throw new Error(`${folder}/package.json names no licence, so its code may not be shipped`)
  const files = (await readdir(folder))
    .filter((name) => /^(?:licen[cs]e|notice|copying)\b/i.test(name))
    .sort()
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  return { ...manifest.data, texts: texts.map((text) => text.trim()) }
}

/** Whether a licence, or one of those to choose from, asks for no more than its notice. */
export function isPermissive(license: string): boolean {
  const plain = license.replaceAll(/[()]/g, ' ').trim()
  return plain
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((name) => permissive.has(name.trim())))
}

/**
 * The notices of all packages that these files come from, as one text; a licence that several share word for word
 * stands once, below all of their names. `files` are paths below `root`. Throws an Error that names every package whose licence is not permissive.
 */
export async function notices(root: string, files: Iterable<string>): Promise<string> {
  const folders = packageFolders(files).filter((folder) => existsSync(join(root, folder, 'package.json')))
  const packages = await Promise.all(folders.map((folder) => readPackage(join(root, folder))))
  const refused = packages.filter(({ license }) => !isPermissive(license))
  if (refused.length > 0)
    throw new Error(
      `may not be shipped: ${refused.map(({ name, version, license }) => `${name} ${version} (${license})`).join(', ')}`
    )
  const byText = Map.groupBy(packages, ({ texts }) => texts.join('\n\n'))
  const parts = [...byText].map(([text, alike]) => {
    const titles = new Set(alike.map(({ name, version, license }) => `${name} ${version} (${license})`))
    return [[...titles].join('\n'), text].filter(Boolean).join('\n\n')
  })
  return `This product contains code of the following packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}
