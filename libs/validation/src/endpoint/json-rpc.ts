/** A response of JSON-RPC 2.0 whose shape was checked. */
export type JsonRpcResponse =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string }

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Takes a response apart. Throws an Error that says what is wrong with its shape: version, id, exactly one of result
 * and error, error with an integer code and a message. Source: JSON-RPC 2.0 specification, section 5.
 */
export function parseResponse(value: unknown, id: number | string | null): JsonRpcResponse {
  if (!isObject(value)) throw new Error('not a JSON-RPC response: not an object')
  if (value['jsonrpc'] !== '2.0')
    throw new Error(`not a JSON-RPC response: jsonrpc is ${JSON.stringify(value['jsonrpc'])}, expected "2.0"`)
  const hasResult = Object.hasOwn(value, 'result')
  if (hasResult === Object.hasOwn(value, 'error'))
    throw new Error('not a JSON-RPC response: expected either result or error')
  // An error about a request whose id could not be read has the id null, or in MCP none.
  if (value['id'] !== id && !(id === null && value['id'] === undefined))
    throw new Error(`id is ${JSON.stringify(value['id'])}, expected ${JSON.stringify(id)}`)
  if (hasResult) return { ok: true, result: value['result'] }
  const error = value['error']
  if (!isObject(error) || !Number.isInteger(error['code']) || typeof error['message'] !== 'string')
    throw new Error('not a JSON-RPC error: expected an integer code and a message')
  return { ok: false, code: Number(error['code']), message: error['message'] }
}

/**
 * The JSON value with this id in an HTTP body, which is JSON, or a stream of server-sent events with one message each.
 * Throws an Error where there is none. Source: MCP, "Transports", Streamable HTTP; WHATWG HTML, "Server-sent events".
 */
export function messageIn(contentType: string, body: string, id: number | string | null): unknown {
  if (!/^text\/event-stream\b/i.test(contentType)) return parseJson(body)
  const messages = body
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((event) =>
      event
        .split(/\r\n|\n|\r/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''))
        .join('\n')
    )
    .filter((data) => data !== '')
    .map(parseJson)
  const found = messages.find(
    (message) => isObject(message) && (message['id'] ?? null) === id && !('method' in message)
  )
  if (found === undefined) throw new Error(`no response with id ${JSON.stringify(id)} in the event stream`)
  return found
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
