import { Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2'
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs'

/*
 * Under exactOptionalPropertyTypes two classes of the CDK do not satisfy its own interfaces: their getters may give
 * undefined where the interface has an optional property. These functions check the class instead.
 */

/** A VPC as the interface that other constructs take. */
export function asVpc(vpc: unknown): IVpc {
  if (isVpc(vpc)) return vpc
  throw new TypeError('not a Vpc')
}

/** A cluster as the interface that other constructs take. */
export function asCluster(cluster: unknown): ICluster {
  if (isCluster(cluster)) return cluster
  throw new TypeError('not a Cluster')
}

function isVpc(value: unknown): value is IVpc {
  return value instanceof Vpc
}

function isCluster(value: unknown): value is ICluster {
  return value instanceof Cluster
}
