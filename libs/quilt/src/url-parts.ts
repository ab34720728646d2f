import { isIPv6 } from 'node:net'
import { QuiltError, quoted } from './error.ts'

/** The parts of an address, still percent-encoded. `host` holds user and port, if there are any, in its own case. */
export interface UrlParts {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/**
 * Splits an address as Python's `urllib.parse.urlsplit` does (CPython 3.11): leading control characters and spaces
 * dropped, tab, carriage return and newline removed everywhere, the scheme in lower case.
 *
 * Throws QuiltError `invalid-physical-key` for unpaired or misplaced brackets in the host, and for a host that
 * contains `/?#@:` only after NFKC normalisation.
 */
export function splitUrl(url: string): UrlParts {
  let rest = url.replace(/^[\x00-\x20]+/, '').replace(/[\t\r\n]/g, '')
  const schemed = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(rest)
  const scheme = schemed?.[1]?.toLowerCase() ?? ''
  if (schemed !== null) rest = rest.slice(schemed[0].length)
  let host = ''
  if (rest.startsWith('//')) {
    const end = rest.slice(2).search(/[/?#]/)
    host = end < 0 ? rest.slice(2) : rest.slice(2, end + 2)
    rest = rest.slice(host.length + 2)
    checkBrackets(url, host)
  }
  const [beforeFragment, fragment] = cut(rest, '#')
  const [path, query] = cut(beforeFragment, '?')
  checkNormalised(url, host)
  return { scheme, host, path, query, fragment }
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function checkBrackets(url: string, host: string): void {
  if (!host.includes('[') && !host.includes(']')) return
  const afterUser = host.slice(host.lastIndexOf('@') + 1)
  const bracketed = /^\[([^\]]*)\](?::.*)?$/s.exec(afterUser)
  const address = bracketed?.[1] ?? ''
  if (isIPv6(address) || /^v[a-fA-F0-9]+\.[^\n]+$/.test(address)) return
  throw new QuiltError('invalid-physical-key', `Invalid IPv6 URL: ${quoted(url)}`)
}

function checkNormalised(url: string, host: string): void {
  const plain = host.replace(/[@:#?]/g, '')
  const normal = plain.normalize('NFKC')
  if (plain !== normal && /[/?#@:]/.test(normal))
    throw new QuiltError(
      'invalid-physical-key',
      `the host of ${quoted(url)} contains invalid characters under NFKC normalization`
    )
}
