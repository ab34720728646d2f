/** The code of an error of Node or the system, such as ENOENT; undefined for anything else. Told by its shape alone. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
