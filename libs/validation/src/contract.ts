import { appChecks } from './contracts/app.ts'
import { buildChecks } from './contracts/build.ts'
import { catalogChecks } from './contracts/catalog.ts'
import { deployChecks } from './contracts/deploy.ts'
import type { Check, Phase } from './check.ts'

/** What must hold for each phase: every success criterion, requirement and MUST of the specification, as data. */
export const contracts: Readonly<Record<Phase, readonly Check[]>> = {
  app: appChecks,
  build: buildChecks,
  catalog: catalogChecks,
  deploy: deployChecks
}
