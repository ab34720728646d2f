import { checkPackageName, isSafePath, isTopHash, isTopHashPrefix } from './names.ts'
import { QuiltError, quoted } from './error.ts'
import { quote, unquote } from './percent.ts'
import { splitUrl } from './url-parts.ts'

/** A quilt+s3:// or quilt+file:// address: a package, a revision of it, or a path in it. */
export interface QuiltUri {
  /** `s3://BUCKET` or `file:///DIR`. */
  readonly registry: string
  readonly packageName: string
  /** A top hash or the first digits of one; tag and hash exclude each other. */
  readonly hash: string | undefined
  readonly tag: string | undefined
  /** A logical key, or a folder with its final `/`. */
  readonly path: string | undefined
  /** Host name of the catalog. */
  readonly catalog: string | undefined
}

/**
 * Reads `quilt+s3://BUCKET#package=NAMESPACE/NAME[@TOPHASH|:TAG][&path=PATH][&catalog=HOST]`, or with
 * `quilt+file:///DIR` for a local registry (docs/Catalog/URI.md of Quilt; the local form is ours).
 *
 * Throws QuiltError `invalid-uri` or `invalid-package-name`.
 */
export function parseQuiltUri(uri: string): QuiltUri {
  const { scheme, host, path, query, fragment } = splitQuiltUri(uri)
  if (query !== '') throw invalid('has a query', uri)
  const parameters = parametersOf(fragment, uri)
  return {
    registry: registryOf(scheme, host, path, uri),
    ...packageOf(parameters.get('package'), uri),
    path: pathOf(parameters.get('path'), uri),
    catalog: parameters.get('catalog')
  }
}

function splitQuiltUri(uri: string): ReturnType<typeof splitUrl> {
  try {
    return splitUrl(uri)
  } catch (error) {
    throw new QuiltError('invalid-uri', `${quoted(uri)} is not a valid address`, { cause: error })
  }
}

function invalid(reason: string, uri: string): QuiltError {
  return new QuiltError('invalid-uri', `${quoted(uri)} ${reason}`)
}

function registryOf(scheme: string, host: string, path: string, uri: string): string {
  switch (scheme) {
    case 'quilt+s3':
      if (host === '') throw invalid('names no bucket', uri)
      if (path !== '' && path !== '/') throw invalid('has a path; a registry is a whole bucket', uri)
      return `s3://${host}`
    case 'quilt+file':
      if (host !== '' && host !== 'localhost') throw invalid('names a host; a local registry has none', uri)
      if (!path.startsWith('/') || path === '/') throw invalid('names no absolute folder', uri)
      return `file://${path.replace(/\/+$/, '')}`
    default:
      throw invalid('does not start with quilt+s3:// or quilt+file://', uri)
  }
}

const known = ['package', 'path', 'catalog']

function parametersOf(fragment: string, uri: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of fragment.split('&')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    if (!known.includes(name)) throw invalid(`has the unknown part ${quoted(name)}`, uri)
    if (parameters.has(name)) throw invalid(`has ${name} twice`, uri)
    const value = unquote(pair.slice(name.length + 1))
    if (value === '') throw invalid(`has an empty ${name}`, uri)
    parameters.set(name, value)
  }
  return parameters
}

function packageOf(value: string | undefined, uri: string): Pick<QuiltUri, 'packageName' | 'hash' | 'tag'> {
  if (value === undefined) throw invalid('names no package', uri)
  const parts = /^([^@:]*)(?:@([^@:]*)|:([^@:]*))?$/s.exec(value)
  if (parts === null) throw invalid('has both a hash and a tag, or more than one', uri)
  const [, packageName = '', hash, tag] = parts
  checkPackageName(packageName)
  if (hash !== undefined && !isTopHash(hash) && !(isTopHashPrefix(hash) && /^[0-9a-f]+$/.test(hash)))
    throw invalid(`has ${quoted(hash)} for a top hash, expected 6 to 64 hexadecimal digits`, uri)
  if (tag !== undefined && !isTag(tag))
    throw invalid(`has ${quoted(tag)} for a tag, which no pointer of a registry can be named`, uri)
  return { packageName, hash, tag }
}

/** Whether an address can name the tag: pointers have any name (quilt3 8.0.0, backends/base.py `pointer_pk`). */
function isTag(tag: string): boolean {
  return tag !== '.' && tag !== '..' && /^[^/@:\0]+$/.test(tag)
}

function pathOf(path: string | undefined, uri: string): string | undefined {
  if (path !== undefined && !isSafePath(path.replace(/\/$/, '')))
    throw invalid(`has the path ${quoted(path)}, which is no logical key`, uri)
  return path
}

/**
 * The address of a package, revision or path; parseQuiltUri reads the same back. Throws QuiltError `invalid-uri` for a
 * tag that would be read as something else.
 */
export function formatQuiltUri(uri: QuiltUri): string {
  if (uri.tag !== undefined && !isTag(uri.tag))
    throw new QuiltError('invalid-uri', `an address cannot name the tag ${quoted(uri.tag)}`)
  const revision = uri.hash !== undefined ? `@${uri.hash}` : uri.tag !== undefined ? `:${quote(uri.tag)}` : ''
  const path = uri.path === undefined ? '' : `&path=${quote(uri.path)}`
  const catalog = uri.catalog === undefined ? '' : `&catalog=${quote(uri.catalog)}`
  return `quilt+${uri.registry}#package=${quote(uri.packageName)}${revision}${path}${catalog}`
}
