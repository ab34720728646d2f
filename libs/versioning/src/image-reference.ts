import { CodedError } from '@fast-mcp/errors'

/** An OCI image reference, taken apart. At least a tag or a digest is there. */
export interface ImageReference {
  /** Host with optional port; undefined for an image that only exists on this machine. */
  readonly registry: string | undefined
  readonly repository: string
  readonly tag: string | undefined
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | undefined
}

// Source: OCI Distribution Specification 1.1, "Pulling manifests" (name, reference); digests: OCI Image Specification, "Digests".
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::([0-9]{1,5}))?$`)

/** The text form: `registry/repository:tag@digest`. Throws CodedError `invalid-reference` for a part that is not valid. */
export function formatImageReference(reference: ImageReference): string {
  check(reference)
  const { registry, repository, tag, digest } = reference
  return `${registry === undefined ? '' : `${registry}/`}${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Takes a text form apart. Throws CodedError `invalid-reference` that names the part. */
export function parseImageReference(text: string): ImageReference {
  const [name = '', digest, ...more] = text.split('@')
  const slash = name.indexOf('/')
  const head = slash < 0 ? '' : name.slice(0, slash)
  // A first component with a dot or a port, or `localhost`, is a registry: docker's rule, which every engine follows.
  const registry = /[.:]/.test(head) || head === 'localhost' ? head : undefined
  const rest = registry === undefined ? name : name.slice(slash + 1)
  const colon = rest.lastIndexOf(':')
  const reference = {
    registry,
    repository: colon < 0 ? rest : rest.slice(0, colon),
    tag: colon < 0 ? undefined : rest.slice(colon + 1),
    digest
  }
  if (more.length > 0) invalid('reference', text, 'at most one @')
  check(reference)
  return reference
}

/** Host and optional port, as given. Throws CodedError `invalid-reference` for anything else, a URL or a path included. */
export function parseRegistry(text: string): string {
  const match = registryPattern.exec(text)
  if (match === null || Number(match[1] ?? 0) > 65535)
    invalid('registry', text, 'a host name with an optional port, without https:// and without a path')
  return text
}

function check({ registry, repository, tag, digest }: ImageReference): void {
  if (registry !== undefined) parseRegistry(registry)
  if (!repositoryPattern.test(repository) || repository.length > 255)
    invalid('repository', repository, 'lower-case letters, digits and . _ - between them, parts joined by /')
  if (tag === undefined && digest === undefined) invalid('reference', repository, 'a tag or a digest')
  if (tag !== undefined && !tagPattern.test(tag))
    invalid('tag', tag, 'up to 128 letters, digits and . _ -, the first no . or -')
  if (digest !== undefined && !digestPattern.test(digest))
    invalid('digest', digest, 'sha256: and 64 lower-case hexadecimal digits')
}

function invalid(part: string, value: string, expected: string): never {
  throw new CodedError(
    'invalid-reference',
    `${JSON.stringify(value)} is not a valid image ${part}; expected ${expected}`,
    {
      remedy: `Correct the ${part}; examples: quilt-mcp:1a2b3c4, 127.0.0.1:5000/quilt-mcp:1a2b3c4.`
    }
  )
}
