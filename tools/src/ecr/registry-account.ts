import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  GetAuthorizationTokenCommand,
  PutLifecyclePolicyCommand,
  type ImageDetail,
  type Repository
} from '@aws-sdk/client-ecr'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { CodedError } from '@fast-mcp/errors'
import type { RegistryCredentials } from '@fast-mcp/containers'
import type { EcrRegistry } from '@fast-mcp/versioning'
import { asked } from './ecr-refusal.ts'

export interface EcrClients {
  readonly ecr: ECRClient
  readonly sts: STSClient
}

/** Clients in the region of the registry's name, with the credentials of the default chain: environment, profile, role. */
export function ecrClients({ region, fips }: EcrRegistry): EcrClients {
  const options = { region, maxAttempts: 5, useFipsEndpoint: fips }
  return { ecr: new ECRClient(options), sts: new STSClient(options) }
}

/** Who the credentials belong to, as an ARN. Throws CodedError `aws-account` where that is another account than the registry's. */
export async function requireRegistryAccount({ sts }: EcrClients, registry: EcrRegistry): Promise<string> {
  const { Account, Arn } = await asked(() => sts.send(new GetCallerIdentityCommand({})))
  if (Account === registry.account) return Arn ?? registry.account
  throw new CodedError(
    'aws-account',
    `the AWS credentials are of account ${Account ?? 'unknown'}, the registry ${registry.host} is of ${registry.account}`,
    { remedy: 'Set AWS_PROFILE to a profile of that account, or correct ECR_REGISTRY.' }
  )
}

/** Credentials for the registry, good for twelve hours. */
export async function ecrCredentials({ ecr }: EcrClients): Promise<RegistryCredentials> {
  const { authorizationData = [] } = await asked(() => ecr.send(new GetAuthorizationTokenCommand({})))
  const decoded = Buffer.from(authorizationData[0]?.authorizationToken ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon > 0) return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
  throw new CodedError('registry-refused', 'ECR gave no authorization token', {
    remedy: 'Check that the credentials allow ecr:GetAuthorizationToken in this region.'
  })
}

/**
 * How many images the lifecycle rule keeps. Old images that are deployed stay: ECR never expires an image whose tag
 * begins with `deployed-`, and rule order decides. Source: Amazon ECR user guide, "Lifecycle policies".
 */
const keptImages = 50

const lifecyclePolicy = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: 'what is deployed stays',
      selection: {
        tagStatus: 'tagged',
        tagPrefixList: ['deployed-'],
        countType: 'imageCountMoreThan',
        countNumber: 1000
      },
      action: { type: 'expire' }
    },
    {
      rulePriority: 2,
      description: `the last ${keptImages} images stay`,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keptImages },
      action: { type: 'expire' }
    }
  ]
})

export interface RepositoryState {
  /** It was made just now. */
  readonly made: boolean
  /** What is not as it would be had it been made here, one sentence each. It may be meant so, and is left. */
  readonly differs: readonly string[]
}

/**
 * Makes the repository where it is missing: immutable tags, scan on push, encrypted. Old images expire in it by a
 * lifecycle policy, which one that is there without any is given.
 */
export async function ensureRepository(
  { ecr }: EcrClients,
  repositoryName: string
): Promise<RepositoryState> {
  const found = await findRepository({ ecr }, repositoryName)
  if (found === undefined)
    await asked(() =>
      ecr.send(
        new CreateRepositoryCommand({
          repositoryName,
          imageTagMutability: 'IMMUTABLE',
          imageScanningConfiguration: { scanOnPush: true },
          encryptionConfiguration: { encryptionType: 'AES256' }
        })
      )
    )
  if (found === undefined || !(await hasLifecycle({ ecr }, repositoryName)))
    await asked(() =>
      ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: lifecyclePolicy }))
    )
  return { made: found === undefined, differs: found === undefined ? [] : differences(found) }
}

/** Undefined where there is no such repository. */
async function findRepository(
  { ecr }: Pick<EcrClients, 'ecr'>,
  repositoryName: string
): Promise<Repository | undefined> {
  try {
    const { repositories = [] } = await asked(() =>
      ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }))
    )
    return repositories[0]
  } catch (error) {
    if (error instanceof Error && error.name === 'RepositoryNotFoundException') return undefined
    throw error
  }
}

async function hasLifecycle({ ecr }: Pick<EcrClients, 'ecr'>, repositoryName: string): Promise<boolean> {
  try {
    await asked(() => ecr.send(new GetLifecyclePolicyCommand({ repositoryName })))
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'LifecyclePolicyNotFoundException') return false
    throw error
  }
}

function differences({
  repositoryName = '',
  imageTagMutability = 'MUTABLE',
  imageScanningConfiguration
}: Repository): readonly string[] {
  return [
    ...(imageTagMutability.startsWith('IMMUTABLE')
      ? []
      : [
          `tags of the repository ${repositoryName} can be moved: aws ecr put-image-tag-mutability --repository-name ${repositoryName} --image-tag-mutability IMMUTABLE`
        ]),
    ...(imageScanningConfiguration?.scanOnPush === true
      ? []
      : [
          `the repository ${repositoryName} scans no push by itself: aws ecr put-image-scanning-configuration --repository-name ${repositoryName} --image-scanning-configuration scanOnPush=true`
        ])
  ]
}

/** What ECR has under a tag; undefined where there is no such image. */
export async function ecrImage(
  { ecr }: EcrClients,
  repositoryName: string,
  imageTag: string
): Promise<ImageDetail | undefined> {
  try {
    const { imageDetails = [] } = await asked(() =>
      ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }))
    )
    return imageDetails[0]
  } catch (error) {
    if (error instanceof Error && /^(?:ImageNotFound|RepositoryNotFound)Exception$/.test(error.name))
      return undefined
    throw error
  }
}

/** Throws CodedError `tag-taken` where the tag is another image already: tags are immutable. */
export function requireFreeTag(image: ImageDetail | undefined, tag: string, digest: string): void {
  if (image?.imageDigest === undefined || image.imageDigest === digest) return
  throw new CodedError('tag-taken', `the tag ${tag} is another image in ECR, and tags are immutable there`, {
    evidence: `in ECR ${image.imageDigest}\nbuilt  ${digest}`,
    remedy:
      'One commit is one image: deploy the one that is there, or commit again for a new SHA. Deleting the image in ECR frees the tag.'
  })
}
