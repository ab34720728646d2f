import { WorkerPool } from './pool.ts'

let shared: WorkerPool | undefined

/** The threads that all manifests of the process share where the caller brings none: there are only so many processors. */
export function sharedWorkers(): WorkerPool {
  return (shared ??= new WorkerPool())
}
