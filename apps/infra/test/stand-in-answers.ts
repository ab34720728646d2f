import { CodedError } from '@fast-mcp/errors'
import { askTask } from '../src/targets/local/tasks/ask-task.ts'
import type { TaskCheck } from '../src/targets/local/tasks/right-answers.ts'

/** Stands in for the endpoint tester where the servers are no MCP servers: GET /mcp must answer with 200. */
export const requireStandInAnswers: TaskCheck = async ({ name, port }) => {
  const { status, body } = await askTask(port, '/mcp', {}, 1000).catch((error: unknown) => ({
    status: 0,
    body: String(error)
  }))
  if (status === 200) return
  throw new CodedError('rollout-failed', `${name} answers wrongly: GET /mcp gave ${status}`, {
    evidence: body,
    remedy: 'Mend the server and run `make full` again.'
  })
}
