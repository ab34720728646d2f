import { describe, expect, test } from '@jest/globals'
import { phaseBefore, phases } from './check.ts'
import { contracts } from './contract.ts'

const all = phases.flatMap((phase) => contracts[phase])

describe('the contracts', () => {
  test('name each check once, after its phase', () => {
    const ids = all.map((check) => check.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const phase of phases)
      for (const check of contracts[phase]) {
        expect(check.phase).toBe(phase)
        expect(check.id).toMatch(new RegExp(`^${phase}\\.[a-z]+(-[a-z]+)*$`))
      }
  })

  test.each(all.map((check) => [check.id, check] as const))('%s says all that a reader needs', (_, check) => {
    expect(check.title).toMatch(/^\S.*[^.]$/)
    expect(check.requirement).toMatch(/ \[[^\]]+\]$/)
    expect(check.how).toMatch(/\.$/)
    expect(check.remedy).toMatch(/\.$/)
    expect(check.timeLimitMs).toBeGreaterThan(0)
    expect(check.timeLimitMs).toBeLessThanOrEqual(20 * 60_000)
  })

  test('let a check come only after checks that stand before it in the same phase', () => {
    for (const phase of phases)
      for (const [index, check] of contracts[phase].entries()) {
        const before = contracts[phase].slice(0, index).map((other) => other.id)
        expect(before).toEqual(expect.arrayContaining([...(check.after ?? [])]))
      }
  })

  test('begin every phase but the first with the record of the phase before', () => {
    for (const phase of phases.slice(1)) expect(contracts[phase][0]?.id).toBe(`${phase}.input`)
  })

  // The success criteria of the specification, in its order; a check is only ever added, so its place may be asserted.
  test.each([
    ['All unit tests pass with ≥85% coverage', ['app.unit-tests', 'app.coverage']],
    ['All integration tests pass', ['app.integration-tests']],
    ['test-endpoint.sh -l -t passes', ['app.endpoint', 'app.tools']],
    ['Server starts and responds within 10 seconds', ['app.startup']],
    ['All MCP tools return valid responses', ['app.tools']],
    ['No circular dependencies', ['app.import-cycles']],
    ['Docker build completes successfully', ['build.image']],
    ['Container starts and responds within 30s', ['build.startup']],
    ['Health check passes', ['build.health', 'build.health-check']],
    ['MCP endpoint responds', ['build.mcp']],
    ['Container stops gracefully on SIGTERM', ['build.sigterm']],
    ['No hardcoded secrets or credentials', ['build.no-secrets']],
    ['ECR login successful', ['catalog.login']],
    ['Image push completes without errors', ['catalog.push']],
    ['ECR image pull and run test passes', ['catalog.pull-identical', 'catalog.run']],
    ['Image tagged with correct git SHA', ['catalog.tag']],
    ['Registry metadata correct', ['catalog.metadata']],
    ['CDK deployment completes successfully', ['deploy.stack']],
    ['ECS service reaches RUNNING state', ['deploy.service-running']],
    ['ALB health checks pass', ['deploy.targets-healthy']],
    ['Public endpoint responds correctly', ['deploy.endpoint']],
    ['All MCP tools functional via ALB', ['deploy.tools']],
    ['CloudWatch logs streaming', ['deploy.logs']]
  ])('hold the success criterion "%s"', (_, ids) => {
    expect(all.map((check) => check.id)).toEqual(expect.arrayContaining(ids))
  })
})

test('the phase before is the one whose record a phase needs', () => {
  expect(phases.map(phaseBefore)).toEqual([undefined, 'app', 'build', 'catalog'])
})
