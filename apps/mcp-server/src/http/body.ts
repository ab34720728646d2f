import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/**
 * The whole body of a request. Throws Refusal 413 as soon as more than `limit` bytes are announced or have come, and
 * 400 where the client goes away in the middle.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      reject(tooLarge(limit))
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size > limit) {
        // Read on, into nothing: a client that is still writing could not read the answer.
        request.off('data', onData).resume()
        reject(tooLarge(limit))
      } else chunks.push(chunk)
    }
    request
      .on('data', onData)
      .once('end', () => {
        const [first] = chunks
        resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size))
      })
      .once('error', () => {
        reject(new Refusal(400, 'The body ended before it was complete'))
      })
  })
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, `The body is larger than ${String(limit)} bytes`, { reason: 'body-size' })
}
