import type { Check } from '../check.ts'

/** Phase build: the server in a container image. */
export const buildChecks: readonly Check[] = [
  {
    id: 'build.input',
    phase: 'build',
    title: 'Phase app passed for this commit',
    requirement:
      'A phase starts only after the one before it succeeded, for the same version, and validates its input first. [Phase 2 Input Contract; Pipeline Orchestration: Full Pipeline 1 and 2, Individual Phase]',
    how: 'Reads the record of phase app: passed, same full SHA, outputs with the recorded digests.',
    remedy: 'Run `make app`.',
    timeLimitMs: 60_000
  },
  {
    id: 'build.image',
    phase: 'build',
    title: 'The image is built',
    requirement: 'The image build must complete without errors. [Phase 2 Build Validation; Success Criteria]',
    how: 'Reads the OCI archive: index, manifest, configuration and every layer with the digests they are named by.',
    remedy: 'Run `npx nx run mcp-server:container` and read its output.',
    after: ['build.input'],
    timeLimitMs: 60_000
  },
  {
    id: 'build.tag',
    phase: 'build',
    title: 'The image is named quilt-mcp:<sha>',
    requirement:
      'The image is quilt-mcp with the short SHA as its tag. [Version Management Contract; Phase 2 Output Contract]',
    how: 'Reads the reference name in the archive.',
    remedy: 'Run `npx nx run mcp-server:container` again for this commit.',
    after: ['build.image'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.image-label',
    phase: 'build',
    title: 'The image says which commit it holds',
    requirement: 'The version is the same in all phases. [Version Management Contract; Full Pipeline 2]',
    how: 'Compares the label org.opencontainers.image.revision with the full SHA.',
    remedy: 'Delete dist/container and build again: a layer cache has kept an older commit.',
    after: ['build.image'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.platform',
    phase: 'build',
    title: 'The image is for linux/amd64',
    requirement: 'The platform is linux/amd64, which ECS runs. [Phase 2 Build Validation: Platform]',
    how: 'Reads operating system and architecture in the image configuration.',
    remedy: 'Build with platform linux/amd64.',
    after: ['build.image'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.size',
    phase: 'build',
    title: 'The image is smaller than 1 GB',
    requirement: 'The image is optimized and below 1 GB; the aim is 140 MB. [Phase 2 Build Validation: Size]',
    how: 'Adds up the unpacked layers.',
    remedy: 'Look at the layers in the report and leave out what the server does not need.',
    after: ['build.image'],
    timeLimitMs: 60_000
  },
  {
    id: 'build.layers',
    phase: 'build',
    title: 'Layers are laid out for fast rebuilds',
    requirement:
      'Layers are cached properly: what changes seldom comes first. [Phase 2 Build Validation: Layers]',
    how: 'The base comes in layers of its own below the server, so a change of the server leaves them as they are.',
    remedy: 'Put what changes seldom before what changes often in the Dockerfile.',
    after: ['build.image'],
    timeLimitMs: 60_000
  },
  {
    id: 'build.reproducible',
    phase: 'build',
    title: 'One commit gives one image',
    requirement: 'The version names one image. [Version Management Contract]',
    how: 'Every time in the image is the commit time, and two builds of one commit give the same image ID.',
    remedy: 'Find what differs between two builds: times, order of files, something fetched.',
    after: ['build.image'],
    timeLimitMs: 300_000
  },
  {
    id: 'build.no-secrets',
    phase: 'build',
    title: 'No layer holds a secret',
    requirement: 'No hardcoded secrets or credentials. [Phase 2 Container Runtime Test]',
    how: 'Reads every file of every layer, the environment and the history for keys, tokens and credential files.',
    remedy: 'Take the file that the evidence names out of the image, and treat the secret as published.',
    after: ['build.image'],
    timeLimitMs: 120_000
  },
  {
    id: 'build.port',
    phase: 'build',
    title: 'The image exposes port 8000',
    requirement: 'The container exposes port 8000. [Phase 2 Container Health Check: Port]',
    how: 'Reads the exposed ports in the image configuration.',
    remedy: 'Add `EXPOSE 8000` to the Dockerfile.',
    after: ['build.image'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.startup',
    phase: 'build',
    title: 'The container is healthy within 30 seconds',
    requirement:
      'The container starts and responds within 30 seconds; the aim is 2. [Phase 2 Container Health Check: Startup; Success Criteria]',
    how: 'Starts a container and asks /health until it answers 200.',
    remedy: 'Read the log of the container in the evidence.',
    after: ['build.image'],
    timeLimitMs: 60_000
  },
  {
    id: 'build.health',
    phase: 'build',
    title: '/health answers 200',
    requirement:
      '/health returns 200: curl -f http://localhost:8001/health. [Phase 2 Container Health Check; Success Criteria]',
    how: 'curl -f on published port 8001; the answer names version and full SHA.',
    remedy: 'Read the log of the container in the evidence.',
    after: ['build.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.mcp',
    phase: 'build',
    title: '/mcp accepts requests',
    requirement:
      '/mcp accepts requests: curl -f http://localhost:8001/mcp. [Phase 2 Container Health Check; Success Criteria]',
    how: 'curl -f on published port 8001.',
    remedy: 'Read the log of the container in the evidence.',
    after: ['build.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.health-check',
    phase: 'build',
    title: "The container's own health check passes",
    requirement:
      'The container must pass its health check. [Phase 2 Container Health Check; Validation Matrix]',
    how: 'Runs the health check command of the image inside the container; it needs no curl.',
    remedy: 'Run the health check command by hand in the container and read what it prints.',
    after: ['build.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.version',
    phase: 'build',
    title: 'The container serves this commit',
    requirement: 'The version is the same in all phases. [Version Management Contract; Full Pipeline 2]',
    how: 'Compares the full SHA in the answer of /health with HEAD.',
    remedy: 'Build again for this commit: `npx nx run mcp-server:container`.',
    after: ['build.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.endpoint',
    phase: 'build',
    title: 'Every tool works in the container',
    requirement:
      'The endpoint is tested in the container. [Phase 2 Container Health Check: MCP Endpoint; Validation Matrix]',
    how: 'The endpoint tester against the container: all methods, all tools, all errors.',
    remedy: 'Run `tools/test-endpoint.sh -v http://127.0.0.1:8001/mcp` against a running container.',
    after: ['build.startup'],
    timeLimitMs: 120_000
  },
  {
    id: 'build.non-root',
    phase: 'build',
    title: 'The server does not run as root',
    requirement: 'The container runs without privileged access. [Phase 2 Container Runtime Test]',
    how: 'The user in the image configuration and the user id of the running process are not 0.',
    remedy: 'Set `USER` to a user other than root in the Dockerfile.',
    after: ['build.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.unprivileged',
    phase: 'build',
    title: 'It runs without privileges on a read-only root',
    requirement: 'The container runs without privileged access. [Phase 2 Container Runtime Test]',
    how: 'It was started with no capabilities, no new privileges and a read-only root file system; the process has no capability, and only /tmp can be written to.',
    remedy: 'Find what the server wants to write or be allowed, and do without it.',
    after: ['build.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.logs',
    phase: 'build',
    title: 'Logs go to stdout and stderr',
    requirement: 'Logs go to stdout and stderr. [Phase 2 Container Runtime Test]',
    how: 'The engine shows the log of the container as JSON lines, and no file was written.',
    remedy: 'Log to stdout; a file in the container is lost with it.',
    after: ['build.endpoint'],
    timeLimitMs: 30_000
  },
  {
    id: 'build.sigterm',
    phase: 'build',
    title: 'SIGTERM ends it in good order',
    requirement:
      'The container stops gracefully on SIGTERM. [Phase 2 Container Runtime Test; Success Criteria]',
    how: 'Sends SIGTERM; the process ends with code 0 before it would be killed.',
    remedy: 'The server must be process 1 and handle SIGTERM; see its log in the evidence.',
    after: [
      'build.health',
      'build.mcp',
      'build.health-check',
      'build.version',
      'build.endpoint',
      'build.non-root',
      'build.unprivileged',
      'build.logs'
    ],
    timeLimitMs: 60_000
  }
]
