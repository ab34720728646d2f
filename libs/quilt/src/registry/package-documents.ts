import { z } from 'zod'

import { isQuiltError, QuiltError } from '../error.ts'
import { parseJson, toPlain } from '../json/index.ts'
import type { CallOptions, Manifest, Registry } from '../types.ts'

/** Bytes of the largest document that is read. */
const maxBytes = 1024 * 1024

/** A file that a package shows on its page, and how. */
export interface SummaryItem {
  /** Logical key; need not be one of the package. */
  readonly path: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Whether it is shown open. */
  readonly expand?: boolean | undefined
  /** CSS width, or a share of the row. */
  readonly width?: string | number | undefined
  /** Names of renderers; some with settings of their own. */
  readonly types?: readonly (string | Readonly<Record<string, unknown>>)[] | undefined
}

const item = z.object({
  path: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  expand: z.boolean().optional(),
  width: z.union([z.string(), z.number()]).optional(),
  types: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).optional()
})
const cell = z.union([z.string().transform((path) => ({ path })), item])
const rows = z.array(z.union([cell.transform((each) => [each]), z.array(cell)]))

/**
 * The text of a package's README: its entry `README.md`, in no folder and in no other spelling, as the catalogue and the
 * Python client have it. Undefined where there is none. Throws `not-supported` for more than 1 MiB or what is no UTF-8.
 */
export async function readReadme(
  registry: Registry,
  manifest: Manifest,
  options: CallOptions = {}
): Promise<string | undefined> {
  return await readText(registry, manifest, 'README.md', options)
}

/**
 * What a package's `quilt_summarize.json` shows, as rows of files side by side; undefined where there is none. Throws
 * `invalid-summary` for one that is not an array of paths, of objects with a path, or of arrays of these.
 */
export async function readSummary(
  registry: Registry,
  manifest: Manifest,
  options: CallOptions = {}
): Promise<readonly (readonly SummaryItem[])[] | undefined> {
  const name = 'quilt_summarize.json'
  const text = await readText(registry, manifest, name, options)
  if (text === undefined) return undefined
  const parsed = rows.safeParse(jsonOf(text, name))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = (issue?.path ?? []).join('.')
  throw new QuiltError(
    'invalid-summary',
    `${name}: ${place === '' ? '' : `${place}: `}${issue?.message ?? ''}`,
    {
      key: name
    }
  )
}

function jsonOf(text: string, key: string): unknown {
  try {
    return toPlain(parseJson(text))
  } catch (error) {
    if (!isQuiltError(error)) throw error
    throw new QuiltError('invalid-summary', `${key}: ${error.message}`, { key, cause: error })
  }
}

async function readText(
  registry: Registry,
  manifest: Manifest,
  key: string,
  options: CallOptions
): Promise<string | undefined> {
  const entry = await manifest.entry(key, options)
  if (entry === undefined) return undefined
  const { size, body } = await registry.read(entry, { offset: 0, length: maxBytes }, options)
  const bytes = Buffer.concat(await Array.fromAsync(body))
  if (size > maxBytes)
    throw new QuiltError('not-supported', `${key} has ${size} bytes, of which at most ${maxBytes} are read`, {
      key,
      remedy: 'Read a range of the entry.'
    })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new QuiltError('not-supported', `${key} is not UTF-8`, {
      key,
      cause: error,
      remedy: 'Read its bytes.'
    })
  }
}
