import type { IncomingHttpHeaders } from 'node:http'
import { isObject } from '../message.ts'

/** A property of a tool's arguments that clients repeat in a header `Mcp-Param-…`, for proxies that route by it. */
export interface ParamHeader {
  /** Lower case, with its prefix. */
  readonly header: string
  readonly path: readonly string[]
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * What each listed tool wants repeated, by the tool's name: properties with `x-mcp-header` in its input schema, nested
 * ones too. Tools that want nothing are left out. Source: MCP 2026-07-28, "Streamable HTTP", custom headers.
 */
export function paramHeaders(tools: unknown): ReadonlyMap<string, readonly ParamHeader[]> {
  const found = new Map<string, readonly ParamHeader[]>()
  for (const tool of Array.isArray(tools) ? tools : []) {
    if (!isObject(tool) || typeof tool['name'] !== 'string') continue
    const headers = declared(tool['inputSchema'], [])
    if (headers.length > 0) found.set(tool['name'], headers)
  }
  return found
}

function declared(schema: unknown, path: readonly string[]): readonly ParamHeader[] {
  const properties = isObject(schema) ? schema['properties'] : undefined
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([key, property]) => {
    const name = isObject(property) ? property['x-mcp-header'] : undefined
    const own =
      typeof name === 'string' ? [{ header: `mcp-param-${name.toLowerCase()}`, path: [...path, key] }] : []
    return [...own, ...declared(property, [...path, key])]
  })
}

/** What is wrong with the headers that repeat arguments; undefined where they all agree. Holds nothing the client sent. */
export function paramHeaderProblem(
  wanted: readonly ParamHeader[],
  args: unknown,
  headers: IncomingHttpHeaders
): string | undefined {
  for (const { header, path } of wanted) {
    const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), args)
    const given = headers[header]
    if (value === undefined || value === null) {
      if (given !== undefined) return `${header} is given without its argument`
    } else if (typeof given !== 'string') return `${header} is missing`
    else if (!agrees(value, given)) return `${header} differs from its argument`
  }
  return undefined
}

function agrees(value: unknown, header: string): boolean {
  const text = decodeHeader(header)
  if (text === undefined) return false
  return typeof value === 'number'
    ? text.trim() !== '' && Number(text) === value
    : (typeof value === 'string' || typeof value === 'boolean') && text === String(value)
}

/** The value that a header stands for, `=?base64?…?=` decoded; undefined where that is malformed. */
export function decodeHeader(header: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(header)?.[1]
  if (encoded === undefined) return header
  return base64.test(encoded) ? Buffer.from(encoded, 'base64').toString('utf8') : undefined
}
