// On its own, so that what may not need it can load it late: it brings an MCP client with it.
export { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
