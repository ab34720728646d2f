import { registryUri, type RegistryUri } from './registry-uri.ts'

/** One registry of QUILT_REGISTRIES: where it is, and how it is reached and used. */
export interface RegistrySetting {
  readonly uri: RegistryUri
  /** Nothing is ever written to it. */
  readonly readOnly: boolean
  /** How its bucket is reached; undefined: as the environment says, or by the Quilt stack where there is one. */
  readonly access: BucketAccess | undefined
}

/** A way to a bucket of its own. */
export interface BucketAccess {
  /** Requests are not signed. */
  readonly anonymous: boolean
  readonly profile?: string
  readonly region?: string
  /** Address of an S3 server other than AWS. */
  readonly endpoint?: string
}

/** What is accepted, for messages and the documentation. */
export const registrySettingSyntax =
  'file:///folder or s3://bucket, each with options: ?readonly, and for buckets &anonymous, &profile=NAME, &region=NAME, &endpoint=URL'

const flags = ['readonly', 'anonymous'] as const
const values: ReadonlyMap<string, RegExp> = new Map([
  ['profile', /^[^\s/\\]{1,128}$/],
  ['region', /^[a-z]{2}[a-z0-9-]{3,30}$/],
  ['endpoint', /^https?:\/\/[^\s?#]+$/]
])

/**
 * The setting in a text such as `s3://bucket?readonly&profile=research`, or undefined where the text is none: another
 * kind of address, an unknown option, one given twice, or one of buckets on a folder.
 */
export function registrySetting(text: string): RegistrySetting | undefined {
  const mark = text.indexOf('?')
  const uri = registryUri(mark === -1 ? text : text.slice(0, mark))
  const options = optionsOf(mark === -1 ? '' : text.slice(mark + 1))
  if (uri === undefined || options === undefined) return undefined
  const readOnly = options.has('readonly')
  const ofBucket = [...options.keys()].filter((name) => name !== 'readonly')
  if (ofBucket.length === 0) return { uri, readOnly, access: undefined }
  if (!uri.startsWith('s3:') || (options.has('anonymous') && options.has('profile'))) return undefined
  const [profile, region, endpoint] = ['profile', 'region', 'endpoint'].map((name) => options.get(name))
  return {
    uri,
    readOnly,
    access: {
      anonymous: options.has('anonymous'),
      ...(profile === undefined ? {} : { profile }),
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint })
    }
  }
}

function optionsOf(query: string): ReadonlyMap<string, string> | undefined {
  const options = new Map<string, string>()
  for (const part of query === '' ? [] : query.split('&')) {
    const [name, value] = splitOnce(part)
    const known = flags.some((flag) => flag === part) || values.get(name)?.test(value) === true
    if (!known || options.has(name)) return undefined
    options.set(name, value)
  }
  return options
}

function splitOnce(part: string): readonly [string, string] {
  const equals = part.indexOf('=')
  return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
}
