import { join } from 'node:path'

/** Name of the one stack; its template is `<name>.template.json`. */
export const stackName = 'QuiltMcp'

/** Where infra:synth puts the template of the one stack. */
export function templatePath(workspace: string): string {
  return join(workspace, 'dist/cdk.out', `${stackName}.template.json`)
}
