import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'

/** Whether two templates say the same, each in JSON or YAML: the CDK sends small ones in YAML. */
export function sameTemplate(a: string, b: string): boolean {
  try {
    return isDeepStrictEqual(parse(a), parse(b))
  } catch {
    return false
  }
}

/** SHA-256 of what CloudFormation has as a stack's template, in hex. */
export function templateHash(template: string): string {
  return createHash('sha256').update(template).digest('hex')
}
