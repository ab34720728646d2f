import { pick } from './random.ts'

type Random = () => number

const methods = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'server/discover',
  'logging/setLevel',
  'notifications/initialized',
  'notifications/cancelled',
  'subscriptions/listen',
  'constructor',
  '__proto__',
  ''
] as const

const modernRevision = '2026-07-28'

const modernMethods = [
  'tools/list',
  'tools/call',
  'tools/call',
  'tools/call',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'server/discover',
  'subscriptions/listen'
] as const

/** As headers may have them. */
const resources = [
  'quilt://server',
  'quilt+file:///app/sample#package=biology/penguins',
  'file:///etc/passwd',
  'x'
] as const

const names = [
  'packages_list',
  'package_browse',
  'object_read',
  'search',
  'server_status',
  'catalog_uri',
  'no_such_tool',
  '__proto__'
] as const

const strings = [
  '',
  'biology/penguins',
  '../../etc/passwd',
  'file:///etc/passwd',
  'quilt+file:///app/sample#package=biology/penguins',
  '\u0000',
  '\ud800',
  'é'.repeat(100),
  'x'.repeat(5000),
  '{"a":1}',
  '2025-11-25',
  '2026-07-28',
  '=?base64?!!?='
] as const

/** A JSON value of any shape, at most `depth` deep. */
function anyValue(random: Random, depth: number): unknown {
  switch (Math.floor(random() * (depth > 0 ? 9 : 7))) {
    case 0:
      return null
    case 1:
      return random() < 0.5
    case 2:
      return Math.floor((random() - 0.5) * 1000)
    case 3:
      return pick(random, [1e308, -0.5, 2 ** 53, 1e20, -1e-300])
    case 4:
    case 5:
    case 6:
      return pick(random, strings)
    case 7:
      return Array.from({ length: Math.floor(random() * 4) }, () => anyValue(random, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: Math.floor(random() * 4) }, () => [
          pick(random, [
            'name',
            'arguments',
            'uri',
            'package',
            'path',
            'cursor',
            '_meta',
            '__proto__',
            'text'
          ]),
          anyValue(random, depth - 1)
        ])
      )
  }
}

function message(random: Random): unknown {
  const value: Record<string, unknown> = {
    jsonrpc: random() < 0.9 ? '2.0' : anyValue(random, 0),
    method: random() < 0.9 ? pick(random, methods) : anyValue(random, 1)
  }
  if (random() < 0.85) value['id'] = random() < 0.8 ? Math.floor(random() * 1e6) : anyValue(random, 1)
  if (random() < 0.8)
    value['params'] =
      random() < 0.7
        ? {
            name: pick(random, names),
            arguments: anyValue(random, 3),
            uri: pick(random, strings),
            ...(random() < 0.3 ? { _meta: meta(random) } : {})
          }
        : anyValue(random, 3)
  if (random() < 0.05) value['result'] = anyValue(random, 2)
  return value
}

function meta(random: Random): unknown {
  return {
    'io.modelcontextprotocol/protocolVersion': random() < 0.7 ? '2026-07-28' : anyValue(random, 1),
    'io.modelcontextprotocol/clientCapabilities': random() < 0.7 ? {} : anyValue(random, 2),
    progressToken: anyValue(random, 0),
    traceparent: pick(random, ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'nonsense', ''])
  }
}

/** A body: mostly messages, some of them in a batch or spoilt. */
function body(random: Random): Buffer {
  const value =
    random() < 0.1
      ? Array.from({ length: Math.floor(random() * 6) }, () => message(random))
      : random() < 0.05
        ? anyValue(random, 4)
        : message(random)
  const bytes = Buffer.from(JSON.stringify(value) ?? '')
  if (random() < 0.15 && bytes.length > 0)
    for (let count = 0; count < 3; count++)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return random() < 0.05 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes
}

/** The bytes of one HTTP request: mostly as clients send it, sometimes not HTTP at all. A third is of 2026-07-28; some are in one of the sessions. */
export function requestBytes(random: Random, sessions: readonly string[]): Buffer {
  return random() < 1 / 3 ? modernRequest(random) : anyRequest(random, sessions)
}

/** Headers and `_meta` that say the same, so that what is made up in the params is reached. */
function modernRequest(random: Random): Buffer {
  const method = pick(random, modernMethods)
  const name = pick(random, names)
  const uri = pick(random, resources)
  const named = method === 'resources/read' ? uri : name
  const params = {
    name,
    uri,
    arguments:
      random() < 0.7 ? { package: 'biology/penguins', path: pick(random, strings) } : anyValue(random, 3),
    ...(random() < 0.2 ? { cursor: anyValue(random, 1) } : {}),
    ...(method === 'subscriptions/listen' ? { notifications: { toolsListChanged: true } } : {}),
    _meta: {
      'io.modelcontextprotocol/protocolVersion': modernRevision,
      'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': random() < 0.5 ? {} : { elicitation: {} },
      ...(random() < 0.3 ? { progressToken: anyValue(random, 0) } : {})
    }
  }
  const content = Buffer.from(
    JSON.stringify({ jsonrpc: '2.0', id: Math.floor(random() * 1e6), method, params })
  )
  const head = [
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    'Connection: close',
    `MCP-Protocol-Version: ${modernRevision}`,
    `Mcp-Method: ${method}`,
    `Mcp-Name: ${named}`,
    `Content-Length: ${String(content.length)}`
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), content])
}

function anyRequest(random: Random, sessions: readonly string[]): Buffer {
  const content = body(random)
  const method =
    random() < 0.92 ? 'POST' : pick(random, ['GET', 'DELETE', 'PUT', 'OPTIONS', 'HEAD', 'BREW', 'CONNECT'])
  const path =
    random() < 0.95
      ? '/mcp'
      : pick(random, ['/', '/health', '/ready', '/mcp/', '/%00', '//mcp', '*', '/mcp?x=%'])
  const version =
    random() < 0.97 ? 'HTTP/1.1' : pick(random, ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1'])
  const lines = [
    `${method} ${path} ${version}`,
    `Host: ${random() < 0.97 ? 'localhost' : pick(random, ['evil.example', '', 'localhost:99999', 'a b'])}`,
    `Content-Type: ${random() < 0.95 ? 'application/json' : pick(random, ['text/plain', '', 'application/json; charset=utf-16'])}`,
    `Accept: ${pick(random, ['application/json, text/event-stream', '*/*', 'application/json', 'text/html', ''])}`,
    `Connection: ${random() < 0.9 ? 'close' : pick(random, ['keep-alive', 'Upgrade', 'x'])}`
  ]
  if (random() < 0.4)
    lines.push(
      `MCP-Protocol-Version: ${pick(random, ['2025-11-25', '2025-03-26', '2026-07-28', '1999-01-01', ''])}`
    )
  if (random() < 0.2) lines.push(`Mcp-Method: ${pick(random, methods)}`)
  if (random() < 0.2) lines.push(`Mcp-Name: ${pick(random, names)}`)
  const [first = 'none', ...rest] = sessions
  if (random() < 0.15) lines.push(`Mcp-Session-Id: ${pick(random, [first, ...rest])}`)
  else if (random() < 0.05) lines.push(`Mcp-Session-Id: ${'s'.repeat(Math.floor(random() * 50))}`)
  if (random() < 0.05)
    lines.push(`Origin: ${pick(random, ['https://evil.example', 'null', 'http://localhost', ''])}`)
  if (random() < 0.05) lines.push(`X-MCP-Tools: ${pick(random, names)}`)
  if (random() < 0.03) lines.push('Content-Encoding: gzip')
  if (random() < 0.03) lines.push('Upgrade: websocket')
  if (random() < 0.02) lines.push('Expect: 100-continue')
  if (random() < 0.02) lines.push('Authorization: Bearer x')
  if (random() < 0.02) lines.push(...Array.from({ length: 300 }, (_, index) => `X-${String(index)}: x`))
  if (random() < 0.02) lines.push('Transfer-Encoding: chunked')
  else if (random() < 0.97) lines.push(`Content-Length: ${String(content.length)}`)
  else lines.push(`Content-Length: ${pick(random, ['-1', '1e3', '999999999999', '5', 'x'])}`)
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content])
  if (random() < 0.02) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return bytes
}
