/** Bytes of the smallest chunk of a sha2-256-chunked checksum: 8 MiB. */
export const minChunkSize = 8 * 1024 * 1024

const maxChunks = 10_000

/** Bytes of a chunk for an object of `size` bytes: 8 MiB, doubled while there would be more than 10,000 chunks. */
export function chunkSizeFor(size: number): number {
  let chunkSize = minChunkSize
  while (Math.ceil(size / chunkSize) > maxChunks) chunkSize *= 2
  return chunkSize
}

/** Chunks of an object of `size` bytes; none for an empty one. */
export function chunkCountFor(size: number): number {
  return Math.ceil(size / chunkSizeFor(size))
}

/** Whether the Python client uploads an object of `size` bytes in parts: from 8 MiB on. */
export function isMultipart(size: number): boolean {
  return size >= minChunkSize
}
