/** How to connect one client: where the text goes, and the text. */
export interface Connection {
  readonly client: string
  readonly where: string
  readonly text: string
}

/** What to tell each client so that it uses the server at a URL. */
export function connections(url: string): readonly Connection[] {
  return [
    {
      client: 'Claude Code',
      where: 'Run in a terminal',
      text: `claude mcp add --transport http quilt ${url}`
    },
    {
      client: 'Claude',
      where: 'Settings, Connectors, Add custom connector (the address must be reachable for Claude)',
      text: url
    },
    {
      client: 'Cursor',
      where: 'Add to ~/.cursor/mcp.json, or .cursor/mcp.json of a project',
      text: json({ mcpServers: { quilt: { url } } })
    },
    {
      client: 'VS Code',
      where: 'Add to .vscode/mcp.json of a workspace, or run MCP: Add Server',
      text: json({ servers: { quilt: { type: 'http', url } } })
    }
  ]
}

function json(value: object): string {
  return JSON.stringify(value, undefined, 2)
}
