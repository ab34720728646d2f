/** Whether an error is one of the system with one of these codes, such as ENOENT; told by its code alone. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code))
}
