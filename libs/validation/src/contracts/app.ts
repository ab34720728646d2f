import type { Check } from '../check.ts'

/** Looking at the results is quick, unless targets have to run anew first: the phase alone, after a change. */
const targetsLimitMs = 20 * 60_000

/** Phase app: the server works on this machine. */
export const appChecks: readonly Check[] = [
  {
    id: 'app.version',
    phase: 'app',
    title: 'The version is the commit',
    requirement:
      'Every phase names the commit the same way, by the short SHA that git gives, and no phase works on another commit than the rest. [Version Management Contract]',
    how: 'Reads HEAD and the state of the tree and compares them with the version the phase started from.',
    remedy: 'Leave the checkout alone while the pipeline runs, then run the phase again.',
    timeLimitMs: 30_000
  },
  {
    id: 'app.inputs',
    phase: 'app',
    title: 'Sources, dependencies and test configuration are there',
    requirement:
      'The phase takes source code, declared dependencies and a test configuration. [Phase 1 Input Contract]',
    how: 'Looks for sources, a package.json and a jest configuration in every project, and for the lock file.',
    remedy: 'Restore the missing files from git (`git status` lists them).',
    timeLimitMs: 10_000
  },
  {
    id: 'app.lint',
    phase: 'app',
    title: 'Lint is clean in every project',
    requirement: 'The server that goes into the container is validated. [Phase 1 Output Contract]',
    how: 'Reads the lint results of every project.',
    remedy:
      'Run `npx nx run-many -t lint` and mend what it reports; `npx oxfmt apps libs tools` mends the layout.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.typecheck',
    phase: 'app',
    title: 'Types are right in every project',
    requirement: 'The server that goes into the container is validated. [Phase 1 Output Contract]',
    how: 'Reads the results of the type checker for every project.',
    remedy: 'Run `npx nx run-many -t typecheck` and mend what it reports.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.unit-tests',
    phase: 'app',
    title: 'All unit tests pass',
    requirement: 'All unit tests must pass. [Phase 1 Unit Tests; Success Criteria]',
    how: 'Reads the test results of every project; a project without results or without a test has failed.',
    remedy: 'Run `npx nx run-many -t test` and mend the tests it names.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.coverage',
    phase: 'app',
    title: 'Unit tests cover at least 85 % of every project',
    requirement:
      'At least 85 % of the code is covered by unit tests. [Phase 1 Unit Tests; Success Criteria; Validation Matrix]',
    how: 'Reads the coverage summary of every project: lines, statements and functions each at least 85 %.',
    remedy: 'Add tests for the uncovered lines: `npx nx run <project>:test` names the files.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.integration-tests',
    phase: 'app',
    title: 'All integration tests pass',
    requirement: 'All integration tests must pass. [Phase 1 Integration Tests; Success Criteria]',
    how: 'Reads the results of the integration tests of the built server.',
    remedy: 'Run `npx nx run mcp-server:integration` and mend the tests it names.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.real-data',
    phase: 'app',
    title: 'Tools are tested on real packages',
    requirement:
      'Tests run against actual Quilt packages, not stand-ins. [Phase 1 Integration Tests: Real Data]',
    how: 'The endpoint test ran every tool on the sample registry of public data sets, and the answers hold packages.',
    remedy: 'Run `npx nx run mcp-server:sample` and `npx nx run mcp-server:endpoint`.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.authentication',
    phase: 'app',
    title: 'OAuth and AWS credentials are validated',
    requirement:
      'Integration tests validate OAuth and AWS credentials. [Phase 1 Integration Tests: Authentication]',
    how: 'Calls the server with a valid and an invalid token, and AWS with the credentials it is given.',
    remedy: 'Sign in to AWS (`aws sts get-caller-identity` must answer) and check the issuer settings.',
    targets: ['aws'],
    timeLimitMs: 60_000
  },
  {
    id: 'app.imports',
    phase: 'app',
    title: 'Every module imports without error',
    requirement: 'All core modules can be imported. [Phase 1 Import Validation]',
    how: 'Imports every module of every project but programs and tests in one fresh process.',
    remedy: 'Mend the module that the evidence names.',
    timeLimitMs: 120_000
  },
  {
    id: 'app.import-cycles',
    phase: 'app',
    title: 'There are no circular imports',
    requirement: 'No circular dependencies. [Phase 1 Import Validation]',
    how: 'Follows the imports of every source file of every project and looks for a way back.',
    remedy: 'Break the cycle that the evidence shows: move what both sides need into a file of its own.',
    timeLimitMs: 120_000
  },
  {
    id: 'app.startup',
    phase: 'app',
    title: 'The server is ready within 10 seconds',
    requirement: 'The server starts and responds within 10 seconds. [Phase 1 Success Criteria]',
    how: 'Starts the built server on a free port and asks /ready until it answers 200.',
    remedy: 'Run `npx nx run mcp-server:endpoint` and read the log it shows.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.default-address',
    phase: 'app',
    title: 'The server runs at http://127.0.0.1:8000/mcp by default',
    requirement:
      'The local server listens at http://127.0.0.1:8000/mcp. [Phase 1 Local Endpoint Validation: Port]',
    how: 'Reads the defaults for host and port from what the built server prints for --help.',
    remedy: 'Set the defaults of HOST and PORT in the server back to 127.0.0.1 and 8000.',
    timeLimitMs: targetsLimitMs
  },
  {
    id: 'app.endpoint',
    phase: 'app',
    title: 'The local endpoint answers MCP calls',
    requirement:
      'The local server must respond to MCP calls: initialize, tools/list and tools/call all work. [Phase 1 Local Endpoint Validation; Success Criteria]',
    how: 'The endpoint tester, as `tools/test-endpoint.sh -l -t` runs it, with the official client and with raw HTTP.',
    remedy: 'Run `npx nx run mcp-server:endpoint`; the failed step shows request and response.',
    after: ['app.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'app.json-rpc',
    phase: 'app',
    title: 'Responses are valid JSON-RPC 2.0',
    requirement: 'Responses are valid JSON-RPC 2.0. [Phase 1 Local Endpoint Validation: Response Format]',
    how: 'The endpoint tester checks version, id and either result or error of every response, and the codes for an unknown method, an unknown tool, bad JSON and bad arguments.',
    remedy: 'Run `npx nx run mcp-server:endpoint`; the failed step shows request and response.',
    after: ['app.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'app.tools-registered',
    phase: 'app',
    title: 'All tools are registered',
    requirement: 'All tools register correctly. [Phase 1 Import Validation]',
    how: 'tools/list: at least one tool, no name twice, and each with an input schema, an output schema and examples.',
    remedy: 'Complete the tool that the evidence names.',
    after: ['app.startup'],
    timeLimitMs: 30_000
  },
  {
    id: 'app.tools',
    phase: 'app',
    title: 'Every tool returns a valid response',
    requirement: 'All MCP tools return valid responses. [Phase 1 Success Criteria]',
    how: 'Calls every tool with every one of its examples and validates the answer against its output schema.',
    remedy: 'Run `npx nx run mcp-server:endpoint`; the failed step shows arguments and answer.',
    after: ['app.endpoint'],
    timeLimitMs: 30_000
  },
  {
    id: 'app.output',
    phase: 'app',
    title: 'The built server is there for the container',
    requirement: 'The result is a validated server ready for containerization. [Phase 1 Output Contract]',
    how: 'dist/apps/mcp-server holds main.js and the sample registry.',
    remedy: 'Run `npx nx run mcp-server:build` and `npx nx run mcp-server:sample`.',
    timeLimitMs: 30_000
  }
]
