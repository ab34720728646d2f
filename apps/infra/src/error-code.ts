/** The `code` of an error of Node (`ENOENT`, `EADDRINUSE`); undefined for anything without one. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
