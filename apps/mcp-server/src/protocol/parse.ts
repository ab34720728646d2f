import { isUtf8 } from 'node:buffer'
import { errorCodes, ProtocolError } from './protocol-error.ts'

const quote = 0x22
const backslash = 0x5c

/** JSON that is nested too deep: a limit, which the metrics count apart. */
export class NestedTooDeep extends ProtocolError {
  constructor(maxDepth: number) {
    super(errorCodes.invalidRequest, `Invalid request: nested deeper than ${String(maxDepth)} levels`)
  }
}

/**
 * The JSON value in a body. Throws ProtocolError -32700 for what is not JSON in UTF-8, and -32600 for JSON nested
 * deeper than `maxDepth`: the depth is counted before anything is built.
 */
export function parseBody(bytes: Buffer, maxDepth: number): unknown {
  if (!isUtf8(bytes)) throw new ProtocolError(errorCodes.parseError, 'Parse error: the body is not UTF-8')
  if (isDeeper(bytes, maxDepth)) throw new NestedTooDeep(maxDepth)
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    throw new ProtocolError(errorCodes.parseError, 'Parse error: the body is not JSON')
  }
}

/** Whether objects and arrays are open deeper than `limit` anywhere in a JSON text; brackets in strings do not count. */
function isDeeper(bytes: Uint8Array, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (inString) {
      if (byte === backslash) index++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}
