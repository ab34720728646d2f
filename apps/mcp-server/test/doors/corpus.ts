/** One thing that a client sends: its text, right or wrong. */
export interface Sent {
  readonly title: string
  readonly text: string
  /** Opens a conversation, so a door that keeps one begins another. */
  readonly opens: boolean
}

const client = { capabilities: {}, clientInfo: { name: 'test', version: '1' } }

type Request = readonly [method: string, params?: unknown]

const revisions = [
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
  '2024-10-07',
  'x',
  ''
]

const strange: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  '',
  'x',
  [],
  {},
  [1],
  { a: 1 },
  '__proto__'
]

const call = (name: unknown, args?: unknown, more: object = {}): Request => [
  'tools/call',
  { name, ...(args === undefined ? {} : { arguments: args }), ...more }
]

/** Requests with params as they should be, and in every way as they should not. */
const requests: readonly Request[] = [
  ...revisions.map((protocolVersion): Request => ['initialize', { protocolVersion, ...client }]),
  ['initialize'],
  ['initialize', {}],
  ['initialize', client],
  ...strange.map((protocolVersion): Request => ['initialize', { protocolVersion, clientInfo: {} }]),
  ['ping'],
  ['ping', {}],
  ['ping', { _meta: { progressToken: 1 } }],
  ['ping', { _meta: 5 }],
  ['ping', { more: { and: 'more' } }],
  ...['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'].flatMap(
    (method): Request[] => [
      [method],
      [method, {}],
      [method, { cursor: 'never given' }],
      [method, { _meta: { progressToken: 'a' } }],
      ...strange.map((cursor): Request => [method, { cursor }])
    ]
  ),
  ...['resources/read', 'resources/subscribe', 'resources/unsubscribe'].flatMap((method): Request[] => [
    [method],
    [method, { uri: 'file:///etc/passwd' }],
    [method, { uri: 'quilt+s3://no#package=no/such' }],
    ...strange.map((uri): Request => [method, { uri }])
  ]),
  ['prompts/get'],
  ['prompts/get', { name: 'none', arguments: { a: 1 } }],
  ...strange.map((name): Request => ['prompts/get', { name }]),
  ...['debug', 'emergency', 'loud', '', 5, null].map((level): Request => ['logging/setLevel', { level }]),
  ['logging/setLevel'],
  ['completion/complete'],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'none' }, argument: { name: 'a', value: '' } }],
  ['completion/complete', { ref: 5 }],
  ...[
    'nope',
    '',
    'tools/Call',
    'tools/call/',
    'constructor',
    '__proto__',
    'toString',
    'server/discover',
    'subscriptions/listen',
    'tasks/list',
    'tasks/get',
    'sampling/createMessage',
    'elicitation/create',
    'roots/list',
    'rpc.discover',
    'notifications/initialized',
    'notifications/cancelled',
    'x'.repeat(10_000),
    'naïve/ünïcode',
    '\u0000'
  ].map((method): Request => [method]),
  ['tools/call'],
  ['tools/call', {}],
  ...strange.map((name) => call(name, {})),
  ...strange.map((args) => call('echo', args)),
  ...strange.map((text) => call('echo', { text })),
  call('nope'),
  call('constructor'),
  call('echo'),
  call('echo', { text: 'hi' }),
  call('echo', { text: 'hi', more: true }),
  call('echo', { text: 'line\nend, "quotes", \u2028 and 🙂' }),
  call('echo', { text: 'x'.repeat(20_000) }),
  call('echo', { text: 'hi' }, { task: { ttl: 5 } }),
  call('echo', { text: 'hi' }, { _meta: { 'x/y': [1] } }),
  call('echo', { text: 'hi' }, { _meta: { progressToken: 'p' } }),
  call('echo', { text: 'hi' }, { unknown: 'member' }),
  call('refusing'),
  call('broken'),
  call('broken', { more: 1 }),
  call('packages_list', { limit: 2 }),
  call('packages_list', { limit: 0 }),
  call('packages_list', { cursor: 'bogus' }),
  call('package_browse', { package: 'biology/penguins' }),
  call('package_browse', { package: 'no/such' }),
  call('package_browse', { package: '../..' }),
  call('object_read', { package: 'biology/penguins', path: 'README.md' }),
  call('object_read', { package: 'biology/penguins', path: 'no' }),
  call('server_status', {})
]

const ids: readonly unknown[] = ['', 'a', 0, -1, 9007199254740991, 'x'.repeat(1000), 1.5, null, true, [], {}]

/** Texts that are no request as they should be. */
const texts: readonly string[] = [
  '{',
  '}',
  'nonsense',
  'null',
  'true',
  '5',
  '"text"',
  '[]',
  '[[]]',
  '[5]',
  '{}',
  '{"jsonrpc":"2.0"}',
  '{"jsonrpc":"1.0","id":"v","method":"ping"}',
  '{"id":"none","method":"ping"}',
  '{"jsonrpc":2.0,"id":"number","method":"ping"}',
  '{"jsonrpc":"2.0","id":"m","method":5}',
  '{"jsonrpc":"2.0","id":"m","method":null}',
  '{"jsonrpc":"2.0","id":"p","method":"ping","params":[]}',
  '{"jsonrpc":"2.0","id":"p","method":"ping","params":"x"}',
  '{"jsonrpc":"2.0","id":"p","method":"ping","params":null}',
  '{"jsonrpc":"2.0","id":1e400,"method":"ping"}',
  '{"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"}',
  '{"jsonrpc":"2.0","id":"first","id":"second","method":"ping"}',
  '{"jsonrpc":"2.0","id":"more","method":"ping","extra":{"members":1}}',
  '{"jsonrpc":"2.0","id":"mixed","method":"ping","result":{}}',
  '{"jsonrpc":"2.0","id":"proto","method":"tools/call","params":{"__proto__":{"name":"echo"}}}',
  '{"jsonrpc":"2.0","method":"notifications/initialized"}',
  '{"jsonrpc":"2.0","method":"notifications/unknown","params":{}}',
  '{"jsonrpc":"2.0","method":"ping"}',
  '{"jsonrpc":"2.0","id":"asked","result":{}}',
  '{"jsonrpc":"2.0","id":"asked","error":{"code":1,"message":"no"}}',
  '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}}',
  '{"jsonrpc":"2.0","id":"broken","error":"no"}',
  '[{"jsonrpc":"2.0","id":"one","method":"ping"}]',
  '[{"jsonrpc":"2.0","id":"one","method":"ping"},{"jsonrpc":"2.0","id":"two","method":"nope"},7]',
  '[{"jsonrpc":"2.0","method":"notifications/initialized"}]',
  '[{"jsonrpc":"2.0","id":"i","method":"initialize","params":{}}]',
  `[${Array.from({ length: 51 }, (_, n) => `{"jsonrpc":"2.0","id":"${String(n)}","method":"ping"}`).join(',')}]`,
  `${'['.repeat(200)}${']'.repeat(200)}`,
  `{"a":${'['.repeat(100)}${']'.repeat(100)}}`
]

/** What clients send, right and wrong: more than 200 requests, and what is none. */
export const corpus: readonly Sent[] = [
  ...requests.map(([method, params], index): Sent => {
    const request = { jsonrpc: '2.0', id: `r${String(index)}`, method }
    const text = JSON.stringify(params === undefined ? request : { ...request, params })
    return { title: text.slice(0, 120), text, opens: method === 'initialize' }
  }),
  ...ids.map((id): Sent => {
    const text = JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' })
    return { title: text.slice(0, 120), text, opens: false }
  }),
  ...texts.map((text): Sent => ({ title: text.slice(0, 120), text, opens: false }))
]
