/** What the stack is made of, as far as it costs by the hour. */
export interface CostParts {
  readonly tasks: number
  readonly natGateways: number
  /** Public IPv4 addresses: two of a load balancer that faces the internet, one a task in a public subnet. */
  readonly publicAddresses: number
  readonly firewall: boolean
}

// USD in us-east-1, list prices of 2026-01: Fargate vCPU and GB per hour, load balancer, NAT gateway, IPv4 address per hour, web ACL with four rules per month.
const price = { vcpu: 0.04048, gigabyte: 0.004445, balancer: 0.0225, nat: 0.045, address: 0.005, firewall: 9 }
const hours = 730
const [taskVcpu, taskGigabytes] = [0.5, 1]

/** USD a month without traffic, log volume and data transfer, in whole dollars. An estimate from list prices. */
export function monthlyCost({ tasks, natGateways, publicAddresses, firewall }: CostParts): number {
  const hourly =
    tasks * (taskVcpu * price.vcpu + taskGigabytes * price.gigabyte) +
    price.balancer +
    natGateways * price.nat +
    publicAddresses * price.address
  return Math.round(hourly * hours + (firewall ? price.firewall : 0))
}
