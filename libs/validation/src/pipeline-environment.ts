import { parseEnvironment, readEnvironment, variable, type EnvironmentSource } from '@fast-mcp/environment'
import { CodedError } from '@fast-mcp/errors'
import { parseRegistry } from '@fast-mcp/versioning'
import { z } from 'zod'
import { awsVariables, contradictions } from './aws-environment.ts'

function valid(parse: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      parse(text)
      return true
    } catch (error) {
      if (error instanceof CodedError) return false
      throw error
    }
  }
}

/** Every environment variable that the pipeline reads. */
export const pipelineEnvironment = z.object({
  ECR_REGISTRY: variable(z.string().refine(valid(parseRegistry)).optional(), {
    description:
      'Image registry to push to. Set: the deployment target is aws. Unset: everything stays on this machine.',
    accepts: 'a registry host such as 123456789012.dkr.ecr.us-east-1.amazonaws.com',
    unset: 'a registry on loopback, deployment target local'
  }),
  ECR_REPOSITORY: variable(
    z
      .string()
      .regex(/^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/)
      .default('quilt-mcp'),
    {
      description: 'Repository of the image.',
      accepts: 'lower-case letters, digits and . _ - / between them'
    }
  ),
  CDK_DEFAULT_ACCOUNT: variable(
    z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    {
      description: 'AWS account to deploy to.',
      accepts: '12 digits',
      unset: 'the account of ECR_REGISTRY'
    }
  ),
  CDK_DEFAULT_REGION: variable(
    z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/)
      .optional(),
    {
      description: 'AWS region to deploy to.',
      accepts: 'a region such as us-east-1',
      unset: 'the region of ECR_REGISTRY'
    }
  ),
  VPC_ID: variable(
    z
      .string()
      .regex(/^vpc-[0-9a-f]{8,17}$/)
      .optional(),
    {
      description: 'Existing VPC for the service on AWS.',
      accepts: 'a VPC id such as vpc-12345678',
      unset: 'a new VPC'
    }
  ),
  ...awsVariables,
  BASE_IMAGE: variable(z.string().min(1).optional(), {
    description: 'Base image with Node 24 for the container.',
    accepts: 'an image reference',
    unset: 'built from Debian packages where mmdebstrap is found, else pulled'
  }),
  CONTAINER_ENGINE: variable(z.enum(['docker', 'podman']).optional(), {
    description: 'Container engine to use.',
    accepts: 'docker or podman',
    unset: 'docker if its daemon answers, else podman'
  }),
  LOCAL_HTTPS_PORT: variable(z.coerce.number().int().min(1).max(65535).default(8443), {
    description: 'Port of the HTTPS endpoint of the local target.',
    accepts: 'a port from 1 to 65535'
  })
})

export type PipelineEnvironment = z.output<typeof pipelineEnvironment>

/**
 * The pipeline's variables, typed. Throws CodedError `invalid-environment` that lists at once what is not accepted and
 * what contradicts each other.
 */
export function readPipelineEnvironment(source: EnvironmentSource): PipelineEnvironment {
  const reading = readEnvironment(pipelineEnvironment, source)
  const wrong = reading.accepted ? new Map<string, string>() : reading.wrong
  const names = [...wrong.keys()]
  const environment = reading.accepted
    ? reading.values
    : parseEnvironment(pipelineEnvironment, {
        ...source,
        ...Object.fromEntries(names.map((name) => [name, '']))
      })
  // What a variable that is not accepted should have been, nobody knows: it contradicts nothing.
  const contradicting = contradictions(environment).filter((sentence) =>
    names.every((name) => !sentence.includes(name))
  )
  if (wrong.size > 0 || contradicting.length > 0)
    throw new CodedError('invalid-environment', [...wrong.values(), ...contradicting].join('\n'), {
      remedy: 'Correct or unset the variables that are named; --help lists all.'
    })
  return environment
}

/** The deployment target: `aws` where an image registry is named, else `local`. */
export function deploymentTarget(environment: Pick<PipelineEnvironment, 'ECR_REGISTRY'>): DeploymentTarget {
  return environment.ECR_REGISTRY === undefined ? 'local' : 'aws'
}

export type DeploymentTarget = 'local' | 'aws'
