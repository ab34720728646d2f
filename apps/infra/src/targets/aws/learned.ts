import { explain } from './explain.ts'

/** What is asked to explain a failure; where it cannot be learned, a line that says so in its place. */
export async function learned(what: string, ask: () => Promise<string>): Promise<string> {
  try {
    return await ask()
  } catch (error) {
    const reason = explain(error)
    return `${what} could not be learned: ${reason instanceof Error ? reason.message : String(reason)}`
  }
}
