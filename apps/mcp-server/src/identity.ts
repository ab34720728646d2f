/** What the server says it is. */
export interface Identity {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Short commit. */
  readonly version: string
  /** Full SHA of the commit. */
  readonly revision: string
}

export function identity(build: { readonly version: string; readonly revision: string }): Identity {
  return {
    name: 'quilt-mcp',
    title: 'Fast MCP Server for Quilt',
    description:
      'Finds, browses and reads versioned data packages in Quilt registries, in S3 or in a local folder.',
    version: build.version,
    revision: build.revision
  }
}
