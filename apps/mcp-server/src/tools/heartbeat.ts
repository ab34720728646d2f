import type { ToolContext } from './tool.ts'

/** Does work whose end cannot be foreseen, and tells the client every second that it goes on, and for how long it has. */
export async function heartbeat<T>(context: ToolContext, what: string, work: () => Promise<T>): Promise<T> {
  let seconds = 0
  const timer = setInterval(() => {
    seconds++
    context.progress(seconds, undefined, `${what} for ${String(seconds)} s`)
  }, 1000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
