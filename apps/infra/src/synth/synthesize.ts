import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { infraApp, type StackEnvironment } from '../app.ts'
import { templatePath } from '../template-path.ts'

/**
 * Synthesizes the CDK app to `dist/cdk.out` of the workspace and gives the template's path. The folder is made aside
 * and then put in place, so that it is never there by half.
 */
export async function synthesize(workspace: string, environment: StackEnvironment): Promise<string> {
  const outdir = join(workspace, 'dist/cdk.out')
  const aside = `${outdir}.${process.pid}`
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true })
  infraApp(environment, { outdir: aside }).synth()
  await rm(outdir, { recursive: true, force: true })
  await rename(aside, outdir)
  return templatePath(workspace)
}
