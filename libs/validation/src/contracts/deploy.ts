import type { Check } from '../check.ts'

/** Phase deploy: the image behind a load balancer, live. */
export const deployChecks: readonly Check[] = [
  {
    id: 'deploy.input',
    phase: 'deploy',
    title: 'Phase catalog passed for this commit',
    requirement:
      'A phase starts only after the one before it succeeded, for the same version, and validates its input first. [Phase 4 Input Contract; Pipeline Orchestration: Full Pipeline 1 and 2, Individual Phase]',
    how: 'Reads the record of phase catalog: passed, same full SHA.',
    remedy: 'Run `make catalog`.',
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.resources',
    phase: 'deploy',
    title: 'The template holds cluster, service, load balancer and target group',
    requirement:
      'The CDK app defines an ECS cluster, a service, an application load balancer and target groups. [Phase 4 Input Contract; Infrastructure Deployment: Resources]',
    how: 'Reads the synthesized template.',
    remedy: 'Run `npx nx run infra:synth` and correct the CDK app.',
    timeLimitMs: 30_000
  },
  {
    id: 'deploy.credentials',
    phase: 'deploy',
    title: 'AWS credentials fit account and region',
    requirement:
      'The credentials may use ECS, load balancing and CloudFormation in the account and region named. [Phase 4 Input Contract; Environment Requirements]',
    how: 'Asks AWS who the caller is and compares account and region with the settings.',
    remedy: 'Sign in to the account of CDK_DEFAULT_ACCOUNT, or correct it and CDK_DEFAULT_REGION.',
    targets: ['aws'],
    timeLimitMs: 30_000
  },
  {
    id: 'deploy.stack',
    phase: 'deploy',
    title: 'The CDK deployment is complete',
    requirement: 'The CDK deployment must succeed. [Phase 4 Infrastructure Deployment; Success Criteria]',
    how: 'The stack is CREATE_COMPLETE, UPDATE_COMPLETE or UPDATE_ROLLBACK_COMPLETE with this image and the synthesized template; after a rollback, with the template that it kept.',
    remedy: 'Read the failed resource and its reason in the evidence; the stack is left for you to look at.',
    after: ['deploy.credentials', 'deploy.resources'],
    targets: ['aws'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.config',
    phase: 'deploy',
    title: '.config holds the outputs',
    requirement:
      'A .config file with the outputs is generated. [Phase 4 Infrastructure Deployment: Configuration]',
    how: 'Reads .config as dotenv text: MCP_ENDPOINT, version and digest of this deployment.',
    remedy: 'Run `make deploy` again; .config is written at its end.',
    timeLimitMs: 10_000
  },
  {
    id: 'deploy.digest',
    phase: 'deploy',
    title: 'The tasks run the pushed digest',
    requirement:
      'What is deployed is the image that was pushed. [Version Management Contract; Phase 4 Input Contract]',
    how: 'Compares the digest in the running task definition with the one in the record of phase catalog.',
    remedy: 'Run `make deploy` again.',
    after: ['deploy.input'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.service-tag',
    phase: 'deploy',
    title: 'The service is tagged with the SHA',
    requirement:
      'The deployed service is tagged with the git SHA. [Version Management Contract: Deployed Service]',
    how: 'Reads the tags of the service (on this machine: the labels of its containers).',
    remedy: 'Run `make deploy` again.',
    timeLimitMs: 30_000
  },
  {
    id: 'deploy.service-running',
    phase: 'deploy',
    title: 'The service has reached its steady state',
    requirement: 'The ECS service reaches the RUNNING state. [Phase 4 Success Criteria]',
    how: 'As many tasks as desired, at least one, all RUNNING with the new task definition, and no rollout going on.',
    remedy: 'Run `make status`; a task that stopped says why.',
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.tasks-healthy',
    phase: 'deploy',
    title: 'All tasks are healthy',
    requirement:
      'The deployed service must be healthy: all tasks running and healthy. [Phase 4 Service Health Check: ECS Health]',
    how: 'The health of each task; fewer healthy tasks than desired, or none, is a failure.',
    remedy: 'Run `make status` and read the log of the task that is not healthy.',
    after: ['deploy.service-running'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.targets-healthy',
    phase: 'deploy',
    title: 'The load balancer sees all targets healthy',
    requirement:
      'Target groups show healthy targets, and health checks of the load balancer pass. [Phase 4 Service Health Check: ALB Health; Success Criteria]',
    how: 'The state of each target; fewer healthy ones than desired, or none, is a failure.',
    remedy: 'Run `make status`; compare the path and port of the health check with the task.',
    after: ['deploy.service-running'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.monitoring',
    phase: 'deploy',
    title: 'Health is monitored',
    requirement: 'Health monitoring is active. [Phase 4 Output Contract]',
    how: 'The load balancer checks the readiness of every task at an interval, and takes one out that fails.',
    remedy: 'Restore the health check of the target group in the CDK app.',
    timeLimitMs: 30_000
  },
  {
    id: 'deploy.rollback',
    phase: 'deploy',
    title: 'There is a way back',
    requirement:
      'Failed deployments can be rolled back. [Pipeline Orchestration: Full Pipeline 4; Failure Handling]',
    how: 'The newest version before that passed its checks is in the history of the deployment, and its image can still be run.',
    remedy: 'Deploy an earlier commit again: check it out and run `make full`.',
    timeLimitMs: 30_000
  },
  {
    id: 'deploy.endpoint',
    phase: 'deploy',
    title: 'The public endpoint responds',
    requirement:
      'The endpoint at the load balancer responds over HTTPS. [Phase 4 Output Contract; Service Health Check: Endpoint; Success Criteria]',
    how: 'GET /health and GET /mcp at the MCP_ENDPOINT of .config answer 200; on AWS they are given time to.',
    remedy: 'Run `make status`; check the load balancer and its listener.',
    after: ['deploy.config', 'deploy.targets-healthy'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.certificate',
    phase: 'deploy',
    title: 'The certificate is valid',
    requirement: 'The SSL certificate is valid. [Phase 4 MCP Endpoint Validation: HTTPS]',
    how: 'Connects with full verification: trusted authority, right name, not expired. On this machine the authority is that of the workspace; a plain endpoint (ALLOW_PLAIN_HTTP) has none.',
    remedy:
      'Locally: run `make deploy` again, which renews it. On AWS: check the certificate of the listener.',
    after: ['deploy.config', 'deploy.targets-healthy'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.version',
    phase: 'deploy',
    title: 'The endpoint serves this commit',
    requirement: 'The version is the same in all phases. [Version Management Contract; Full Pipeline 2]',
    how: 'Compares the full SHA in the answer of /health, asked through the load balancer, with HEAD.',
    remedy: 'Run `make deploy`; if it reports success and this still fails, look at `make status`.',
    after: ['deploy.endpoint'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.methods',
    phase: 'deploy',
    title: 'All MCP methods work',
    requirement:
      'All MCP methods are functional at the public endpoint. [Phase 4 MCP Endpoint Validation: Methods]',
    how: 'The endpoint tester: initialize, tools/list, tools/call and the errors, with the official client and with raw HTTP.',
    remedy: 'Run `tools/test-endpoint.sh -v` and read the failed step.',
    after: ['deploy.endpoint'],
    timeLimitMs: 120_000
  },
  {
    id: 'deploy.tools',
    phase: 'deploy',
    title: 'All tools work through the load balancer',
    requirement: 'All MCP tools are functional through the load balancer. [Phase 4 Success Criteria]',
    how: 'The endpoint tester calls every tool with every one of its examples.',
    remedy: 'Run `tools/test-endpoint.sh -t -v` and read the failed step.',
    after: ['deploy.endpoint'],
    timeLimitMs: 120_000
  },
  {
    id: 'deploy.latency',
    phase: 'deploy',
    title: 'The slowest response takes less than 2 seconds',
    requirement: 'Response time is below 2 seconds. [Phase 4 MCP Endpoint Validation: Performance]',
    how: 'The slowest of all responses that the endpoint tester measured.',
    remedy: 'Look at the latency picture in the report for the tool that is slow.',
    after: ['deploy.methods', 'deploy.tools'],
    timeLimitMs: 30_000
  },
  {
    id: 'deploy.logs',
    phase: 'deploy',
    title: 'Logs are streaming',
    requirement:
      'Logs of the service stream to CloudWatch (on this machine: to the log of each task). [Phase 4 Output Contract; Monitoring Validation; Success Criteria]',
    how: 'Every task has written log lines that are younger than its start, and the requests of the test are among them.',
    remedy: 'Check the log group of the task definition and the rights of the execution role.',
    after: ['deploy.tools'],
    timeLimitMs: 60_000
  },
  {
    id: 'deploy.metrics',
    phase: 'deploy',
    title: 'Service metrics are available',
    requirement: 'ECS service metrics are available. [Phase 4 Monitoring Validation]',
    how: 'CloudWatch has values of CPU and memory of the service that are younger than 15 minutes; after a first deployment it waits for them.',
    remedy: 'Wait a few minutes after a first deployment, then run `make test-deploy`.',
    targets: ['aws'],
    timeLimitMs: 360_000
  },
  {
    id: 'deploy.access-logs',
    phase: 'deploy',
    title: 'Access logs of the load balancer are written, if configured',
    requirement: 'ALB access logs, if configured. [Phase 4 Monitoring Validation]',
    how: 'Reads the attributes of the load balancer; where access logs are on, the bucket holds some beside the test file. It waits for the first.',
    remedy: 'Check the policy of the bucket for access logs.',
    targets: ['aws'],
    timeLimitMs: 360_000
  }
]
