import { concurrencyFaults } from './concurrency-faults.ts'
import type { CountedFault } from './counted-fault.ts'
import { fileFaults } from './file-faults.ts'
import { machineFaults } from './machine-faults.ts'
import { processFaults } from './process-faults.ts'
import { versionFaults } from './version-faults.ts'

/** All kinds that happen to a clone. A seed decides on their order from the one they have here. */
export const cloneFaults: readonly CountedFault[] = [
  ...processFaults,
  ...machineFaults,
  ...fileFaults,
  ...versionFaults,
  ...concurrencyFaults
]
