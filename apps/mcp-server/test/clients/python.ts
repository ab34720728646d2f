import { virtualEnvironment, type Python } from '@fast-mcp/quilt/test/python/virtual-environment.ts'

/** The clients for Python, as the package index has them, or why there are none. */
export function pythonClients(): Promise<Python> {
  return virtualEnvironment('python-clients', ['mcp==2.3.0', 'fastmcp==4.0.10'])
}
