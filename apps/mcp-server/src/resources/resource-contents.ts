/** One part of what a resource is, as resources/read gives it. Source: MCP, schema, TextResourceContents and BlobResourceContents. */
export type ResourceContents = {
  readonly uri: string
  readonly mimeType: string
  readonly _meta?: Readonly<Record<string, unknown>>
} & ({ readonly text: string } | { readonly blob: string })
