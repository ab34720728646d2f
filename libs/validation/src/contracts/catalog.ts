import type { Check } from '../check.ts'

/** Phase catalog: the image in a registry. */
export const catalogChecks: readonly Check[] = [
  {
    id: 'catalog.input',
    phase: 'catalog',
    title: 'Phase build passed for this commit',
    requirement:
      'A phase starts only after the one before it succeeded, for the same version, and validates its input first. [Phase 3 Input Contract; Pipeline Orchestration: Full Pipeline 1 and 2, Individual Phase]',
    how: 'Reads the record of phase build: passed, same full SHA, archive with the recorded digest.',
    remedy: 'Run `make build`.',
    timeLimitMs: 60_000
  },
  {
    id: 'catalog.reference',
    phase: 'catalog',
    title: 'The reference is <registry>/quilt-mcp:<sha>',
    requirement:
      'The image in the registry is named by registry, repository and short SHA, in the proper form. [Version Management Contract; Phase 3 Push Validation: Tagging]',
    how: 'Takes the reference apart: a valid registry host (on AWS one of ECR), the repository, the tag.',
    remedy: 'Correct ECR_REGISTRY and ECR_REPOSITORY.',
    timeLimitMs: 10_000
  },
  {
    id: 'catalog.credentials',
    phase: 'catalog',
    title: 'AWS credentials are there',
    requirement:
      'Credentials are those of the AWS environment or profile, and may push to ECR. [Phase 3 Input Contract; Registry Authentication: Credentials]',
    how: 'Asks AWS who the caller is; the account is that of the registry or one that may use it.',
    remedy: 'Sign in to AWS (`aws sts get-caller-identity` must answer), or set AWS_PROFILE.',
    targets: ['aws'],
    timeLimitMs: 30_000
  },
  {
    id: 'catalog.region',
    phase: 'catalog',
    title: "The region is the registry's",
    requirement: 'The region is taken from the registry URL. [Phase 3 Registry Authentication: Region]',
    how: 'Compares the region of the ECR client with the one in the host name.',
    remedy: 'Correct ECR_REGISTRY: <account>.dkr.ecr.<region>.amazonaws.com.',
    targets: ['aws'],
    timeLimitMs: 10_000
  },
  {
    id: 'catalog.login',
    phase: 'catalog',
    title: 'Login to ECR succeeds',
    requirement: 'ECR login must succeed. [Phase 3 Registry Authentication; Success Criteria]',
    how: 'Gets an authorization token and asks the registry with it.',
    remedy: 'Check that the credentials allow ecr:GetAuthorizationToken in this region.',
    after: ['catalog.credentials', 'catalog.region'],
    targets: ['aws'],
    timeLimitMs: 60_000
  },
  {
    id: 'catalog.registry',
    phase: 'catalog',
    title: 'The registry answers',
    requirement: 'The health of the registry is checked. [Validation Matrix: catalog-push, Health Check]',
    how: 'GET /v2/ answers as the OCI distribution specification says.',
    remedy:
      'Locally: run `make catalog` again, which starts the registry. On AWS: check the network and the login.',
    after: ['catalog.login'],
    timeLimitMs: 30_000
  },
  {
    id: 'catalog.push',
    phase: 'catalog',
    title: 'The push completes',
    requirement: 'The image push must succeed. [Phase 3 Push Validation; Success Criteria]',
    how: 'The push reported a digest for this image, and the registry has it; on AWS with the size that was built.',
    remedy:
      'Read what the registry answered in the evidence, then run `make catalog` again: it goes on where it stopped.',
    after: ['catalog.input', 'catalog.reference', 'catalog.registry'],
    timeLimitMs: 300_000
  },
  {
    id: 'catalog.manifest',
    phase: 'catalog',
    title: 'Manifest, configuration and layers are in the registry',
    requirement:
      'The image manifest is uploaded, and the image is there for ECS. [Phase 3 Output Contract; Push Validation: Verification]',
    how: 'Gets the manifest by its digest, hashes it, and asks for every blob it names.',
    remedy: 'Push again: `npx nx run mcp-server:push`.',
    after: ['catalog.push'],
    timeLimitMs: 60_000
  },
  {
    id: 'catalog.tag',
    phase: 'catalog',
    title: 'The tag <sha> points at the digest',
    requirement:
      'The image in the registry is tagged with the right git SHA. [Phase 3 Output Contract; Success Criteria]',
    how: 'Asks the registry for the tag and compares digests.',
    remedy: 'Push again: `npx nx run mcp-server:push`.',
    after: ['catalog.push'],
    timeLimitMs: 30_000
  },
  {
    id: 'catalog.metadata',
    phase: 'catalog',
    title: "The registry's metadata is right",
    requirement: 'Registry metadata correct. [Phase 3 Success Criteria]',
    how: 'Reads the configuration from the registry: label with the full SHA, platform, user and port; on AWS it also says whether tags are immutable and pushes are scanned.',
    remedy: 'Build and push this commit again: `make build catalog`.',
    after: ['catalog.manifest'],
    timeLimitMs: 30_000
  },
  {
    id: 'catalog.pull-identical',
    phase: 'catalog',
    title: 'The pulled image is the local one',
    requirement:
      'The image can be pulled and is identical to the local one. [Phase 3 Pull Test: Integrity; Success Criteria]',
    how: 'Pulls by digest into an empty store and compares image IDs.',
    remedy: 'Push again: `npx nx run mcp-server:push`.',
    after: ['catalog.manifest', 'catalog.tag'],
    timeLimitMs: 300_000
  },
  {
    id: 'catalog.run',
    phase: 'catalog',
    title: 'The pulled image runs',
    requirement:
      'A container of the image from the registry runs correctly. [Phase 3 Pull Test: Runtime; Success Criteria]',
    how: 'Starts a container of the pulled image; /health answers with the full SHA.',
    remedy: 'Read the log of the container in the evidence.',
    after: ['catalog.pull-identical'],
    timeLimitMs: 60_000
  },
  {
    id: 'catalog.endpoint',
    phase: 'catalog',
    title: 'Every tool works in the pulled image',
    requirement:
      'The endpoint is tested in the pulled image. [Validation Matrix: catalog-push, Endpoint Test]',
    how: 'The endpoint tester against that container.',
    remedy: 'Read the failed step in the evidence; compare with `make test-build`.',
    after: ['catalog.run'],
    timeLimitMs: 120_000
  }
]
