import { z } from 'zod'
import { ToolFailure } from '../../tools/tool-failure.ts'
import { visible } from '../../tools/visible.ts'
import type { GraphQL } from './graphql.ts'

/** Who asks a stack. */
export interface StackCaller {
  readonly token: string
  readonly signal: AbortSignal
}

const me = z.object({
  me: z.object({ name: z.string(), email: z.string(), isAdmin: z.boolean() }).nullable()
})

/** The user that a token belongs to; undefined where the stack takes it for nobody's. */
export async function currentUser(
  graphql: GraphQL,
  caller: StackCaller
): Promise<{ readonly name: string; readonly email: string } | undefined> {
  const data = await graphql({
    what: 'the current user',
    query: '{ me { name email isAdmin } }',
    schema: me,
    ...caller
  })
  return data.me ?? undefined
}

const bucketConfigs = z.object({
  bucketConfigs: z.array(
    z.object({
      // S3's own rule: the name becomes part of an address that credentials are sent to
      name: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
      title: z.string().nullish(),
      description: z.string().nullish()
    })
  )
})

export type BucketConfig = z.output<typeof bucketConfigs>['bucketConfigs'][number]

/** The buckets of the stack that the caller may use. */
export async function listBuckets(graphql: GraphQL, caller: StackCaller): Promise<readonly BucketConfig[]> {
  const data = await graphql({
    what: 'the list of buckets',
    query: '{ bucketConfigs { name title description } }',
    schema: bucketConfigs,
    ...caller
  })
  return data.bucketConfigs
}

const deleted = z.object({
  packageRevisionDelete: z.discriminatedUnion('__typename', [
    z.object({ __typename: z.literal('PackageRevisionDeleteSuccess') }),
    z.object({ __typename: z.literal('OperationError'), message: z.string() })
  ])
})

const deleteMutation = `mutation ($bucket: String!, $name: String!, $hash: String!) {
  packageRevisionDelete(bucket: $bucket, name: $name, hash: $hash) {
    __typename
    ... on OperationError { message }
  }
}`

/** Removes one revision of a package through the stack, which keeps its index in step. Throws ToolFailure. */
export async function deleteStackRevision(
  graphql: GraphQL,
  revision: { readonly bucket: string; readonly name: string; readonly hash: string },
  caller: StackCaller
): Promise<void> {
  const { packageRevisionDelete: result } = await graphql({
    what: `the removal of a revision of ${revision.name}`,
    query: deleteMutation,
    variables: revision,
    schema: deleted,
    ...caller
  })
  if (result.__typename === 'OperationError')
    throw new ToolFailure(
      'stack-refused',
      `the Quilt stack did not remove the revision: ${visible(result.message)}`,
      {
        next: 'List the revisions with package_versions and check your role in the stack.'
      }
    )
}
