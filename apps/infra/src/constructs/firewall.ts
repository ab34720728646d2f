import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'
import type { Entrance } from './entrance.ts'

/** Requests of one address within five minutes before it is refused. */
const requestLimit = 10_000

const managedRules = [
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesAmazonIpReputationList'
]

// Rules of the common set that refuse what is normal here: bodies above 8 KB, and clients that name no browser.
const notForClients = ['SizeRestrictions_BODY', 'NoUserAgent_HEADER']

/** A web ACL with managed rules and a rate limit, in front of the entrance: at CloudFront where there is one. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, { entrance }: { readonly entrance: Entrance }) {
    super(scope, id)
    const { distribution, loadBalancer } = entrance
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: distribution === undefined ? 'REGIONAL' : 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('WebAcl'),
      rules: [
        ...managedRules.map((name, priority) => ({
          name,
          priority,
          overrideAction: { none: {} },
          visibilityConfig: visibility(name),
          statement: {
            managedRuleGroupStatement: {
              vendorName: 'AWS',
              name,
              ...(name === 'AWSManagedRulesCommonRuleSet'
                ? {
                    ruleActionOverrides: notForClients.map((rule) => ({
                      name: rule,
                      actionToUse: { count: {} }
                    }))
                  }
                : {})
            }
          }
        })),
        {
          name: 'RateLimit',
          priority: managedRules.length,
          action: { block: { customResponse: { responseCode: 429 } } },
          visibilityConfig: visibility('RateLimit'),
          statement: { rateBasedStatement: { limit: requestLimit, aggregateKeyType: 'IP' } }
        }
      ]
    })
    if (distribution === undefined)
      new CfnWebACLAssociation(this, 'Association', {
        resourceArn: loadBalancer.loadBalancerArn,
        webAclArn: acl.attrArn
      })
    else distribution.attachWebAclId(acl.attrArn)
  }
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: true }
}
