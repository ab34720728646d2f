import { virtualEnvironment, type Python } from './virtual-environment.ts'

/** The real client, and an S3 server for it to talk to, or why there is none. */
export function ensurePython(): Promise<Python> {
  return virtualEnvironment('quilt3', ['quilt3==8.0.0', 'moto[s3,server]==5.2.1'])
}

/** Says why tests of a suite are skipped. */
export function reportMissing(suite: string, python: Python): void {
  if ('missing' in python)
    process.stderr.write(
      `${suite}: skipped, since the Python client cannot be installed: ${python.missing}\n`
    )
}
