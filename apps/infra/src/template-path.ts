import { join } from 'node:path'

/** Name of the one stack in the CDK app; its template is `<name>.template.json`. */
export const stackName = 'QuiltMcp'

/** Where infra:synth puts the cloud assembly. */
export function assemblyPath(workspace: string): string {
  return join(workspace, 'dist/cdk.out')
}

/** Where infra:synth puts the template of the one stack. */
export function templatePath(workspace: string): string {
  return join(assemblyPath(workspace), `${stackName}.template.json`)
}

/** Stage of a deployment to AWS: STAGE, else `dev`. */
export function stageOf({ STAGE }: { readonly STAGE?: string | undefined }): string {
  return STAGE ?? 'dev'
}

/** Name of the stack of a stage on AWS. */
export function awsStackName(environment: { readonly STAGE?: string | undefined }): string {
  return `quilt-mcp-${stageOf(environment)}`
}
