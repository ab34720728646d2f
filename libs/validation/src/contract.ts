import { appChecks } from './contracts/app.ts'
import { buildChecks } from './contracts/build.ts'
import { catalogChecks } from './contracts/catalog.ts'
import { deployChecks } from './contracts/deploy.ts'
import type { Check, Phase } from './check.ts'

/** What must hold for each phase: every success criterion, requirement and MUST of the specification, as data. */
export const contracts: Readonly<Record<Phase, readonly Check[]>> = {
  app: appChecks,
  build: afterInput(buildChecks),
  catalog: afterInput(catalogChecks),
  deploy: afterInput(deployChecks)
}

/** The first check looks at the phase's input; nothing else is tried before it has passed. */
function afterInput(checks: readonly Check[]): readonly Check[] {
  const [input] = checks
  return checks.map((check) =>
    input === undefined || check === input
      ? check
      : { ...check, after: [...new Set([input.id, ...(check.after ?? [])])] }
  )
}
