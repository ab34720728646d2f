/** NODE_OPTIONS that run code first. */
export function imported(code: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(code)}`
}
