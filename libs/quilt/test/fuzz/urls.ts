import { isQuiltError } from '../../src/error.ts'
import { formatPhysicalKey, parsePhysicalKey } from '../../src/physical-key.ts'
import { formatQuiltUri, parseQuiltUri } from '../../src/uri.ts'
import type { Random } from '../random.ts'

const pieces: readonly [string, ...string[]] = [
  's3:',
  'S3://',
  's3://b/',
  'file:',
  'file:///',
  'quilt+s3://b',
  'quilt+file:///d',
  '#package=',
  'a/b',
  '@',
  ':',
  '&path=',
  '&catalog=',
  '//',
  '/',
  '?',
  'versionId=',
  '&',
  '=',
  '#',
  '%20',
  '%',
  '%zz',
  '%c3%a9',
  '%ff',
  '%00',
  '[',
  ']',
  '::1',
  'é',
  '\ud800',
  '+',
  ' ',
  '\t',
  '\n',
  'localhost',
  '..',
  '.',
  '\u2100',
  ';',
  '~',
  '%2F',
  '😀',
  'latest',
  '0123456789abcdef'
]

/** An address of random pieces. */
export function randomUrl(random: Random): string {
  let url = ''
  for (let count = 1 + random.below(9); count > 0; count--) url += random.pick(pieces)
  return url
}

/** Reads an address; what is read is formatted, and must be read as the same again. Throws where it is not. */
export function checkUrl(url: string): void {
  roundTrip(url, parsePhysicalKey, formatPhysicalKey)
  roundTrip(url, parseQuiltUri, formatQuiltUri)
}

function roundTrip<T>(url: string, parse: (url: string) => T, format: (value: T) => string): void {
  try {
    const once = format(parse(url))
    const twice = format(parse(once))
    // the root of the file system gains a slash, with us as with the Python client
    if (once !== twice && once !== 'file:///')
      throw new Error(`${JSON.stringify(url)} becomes ${JSON.stringify(once)}, then ${JSON.stringify(twice)}`)
  } catch (error) {
    if (!isQuiltError(error)) throw error
  }
}
