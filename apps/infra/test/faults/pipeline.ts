// Phase deploy as make runs it, deploy and deploy-test under one lock, with the stand-in engine: a process of its own,
// so that it can be killed. STEP_TO_DIE_AT: kill -9 of itself at that call of the engine or line of progress.
// CLOCK_JUMP_MS: the clock jumps by so much at the third step. The servers are no MCP servers: what only the endpoint
// tester can say is answered by GET /mcp.
import { program } from '@fast-mcp/errors'
import { readPipelineEnvironment, requireRecord, withLock, type Finding } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { deploy } from '../../src/deploy/deploy.ts'
import { readPushedImage } from '../../src/deploy/pushed-image.ts'
import { proveOrRollBack } from '../../src/deploy-test/prove-or-roll-back.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { readState } from '../../src/targets/local/state.ts'
import { deploymentPaths } from '../../src/targets/local/deployment-paths.ts'
import { askTask } from '../../src/targets/local/tasks/ask-task.ts'
import { ProcessEngine } from '../process-engine.ts'
import { requireStandInAnswers } from '../stand-in-answers.ts'

const { STEP_TO_DIE_AT, CLOCK_JUMP_MS, ENGINE_FOLDER = '' } = process.env
let steps = 0

function step(): void {
  steps++
  if (steps === Number(STEP_TO_DIE_AT)) process.kill(process.pid, 'SIGKILL')
  if (steps === 3 && CLOCK_JUMP_MS !== undefined) {
    const now = Date.now.bind(Date)
    Date.now = () => now() + Number(CLOCK_JUMP_MS)
  }
}

await program(async ({ args, signal }) => {
  const workspace = process.cwd()
  const target = new LocalTarget(
    {
      workspace,
      environment: readPipelineEnvironment(process.env),
      signal,
      report: (line) => {
        step()
        console.log(line)
      }
    },
    {
      engine: () => Promise.resolve(new ProcessEngine(ENGINE_FOLDER, step)),
      soakMs: 300,
      check: requireStandInAnswers
    }
  )
  await withLock(workspace, `make ${args[0] ?? 'deploy'}`, async () => {
    if (args[0] === 'destroy') {
      console.log(await target.destroy({ all: false }))
      return
    }
    await deploy(workspace, target)
    step()
    const version = await readVersion(workspace)
    const image = await readPushedImage(workspace, await requireRecord(workspace, 'catalog', version))
    const answers = async (): Promise<Finding> => {
      const state = await readState(deploymentPaths(workspace).state)
      const { status } = await askTask(state?.tasks[0]?.port ?? 0, '/mcp')
      return { status: status === 200 ? 'passed' : 'failed', evidence: `GET /mcp gave ${status}` }
    }
    await proveOrRollBack({
      workspace,
      target,
      version,
      image,
      signal,
      json: false,
      probes: Object.fromEntries(['methods', 'tools', 'latency'].map((name) => [`deploy.${name}`, answers]))
    })
  })
  console.log(`steps: ${steps}`)
  return 0
})
