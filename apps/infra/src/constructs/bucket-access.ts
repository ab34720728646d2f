import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

/** What the task role may do with the buckets of the server's registries: read, and write only where it is enabled. */
export function bucketAccess(buckets: readonly string[], write: boolean): readonly PolicyStatement[] {
  const arns = buckets.map((bucket) => `arn:${Aws.PARTITION}:s3:::${bucket}`)
  const objects = arns.map((arn) => `${arn}/*`)
  return [
    new PolicyStatement({
      sid: 'ListBuckets',
      actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketVersions'],
      resources: arns
    }),
    new PolicyStatement({
      sid: 'ReadObjects',
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectAttributes'],
      resources: objects
    }),
    ...(write
      ? [
          new PolicyStatement({
            sid: 'WriteObjects',
            actions: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
            resources: objects
          })
        ]
      : [])
  ]
}
