import { isUtf8 } from 'node:buffer'
import { parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml'

import { QuiltError } from '../error.ts'
import type { JsonValue } from '../json/value.ts'
import { checkedAnchors, mendLastBlock } from './yaml-checks.ts'
import { YamlConstructor } from './yaml-constructor.ts'
import { readableText } from './yaml-text.ts'

/** Bytes of the longest text that is read. */
const maxBytes = 1024 * 1024

/**
 * The value of a YAML text, as Python's `yaml.safe_load` gives it (YAML 1.1 as PyYAML 6.0.3 has it). What JSON does not
 * have, such as dates, are PythonObjects. Throws `workflow-config-invalid` for what PyYAML refuses.
 */
export function fromYaml(bytes: Uint8Array): JsonValue {
  try {
    return valueOf(bytes)
  } catch (error) {
    // Also a text that is nested too deeply, which PyYAML fails at as well.
    throw error instanceof QuiltError ? error : unreadable(error)
  }
}

function valueOf(bytes: Uint8Array): JsonValue {
  const text = bytes.length > maxBytes || !isUtf8(bytes) ? undefined : readableText(bytes)
  if (text === undefined) throw unreadable(undefined)
  // Texts stay texts: what they mean is told by the rules of PyYAML, which are not those of YAML.
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    merge: false,
    resolveKnownTags: false,
    keepSourceTokens: true,
    uniqueKeys: false,
    logLevel: 'error'
  })
  const problem =
    document.errors.find((error) => isProblem(error, text)) ?? document.warnings.find(isOtherVersion)
  if (problem !== undefined) throw unreadable(problem)
  const anchors = checkedAnchors(document, text)
  mendLastBlock(document, text)
  return document.contents === null ? null : new YamlConstructor(document.contents, anchors).value
}

/** PyYAML allows a comment right after a bracket or a quote. */
function isProblem({ message, pos: [at] }: YAMLParseError, text: string): boolean {
  return !message.startsWith('Comments must be separated') || !/[\]}"']/.test(text.charAt(at - 1))
}

/** PyYAML reads anything that says to be YAML 1. */
function isOtherVersion({ message }: YAMLWarning): boolean {
  return /^Unsupported YAML version (?!1\.)/.test(message)
}

function unreadable(cause: unknown): QuiltError {
  return new QuiltError('workflow-config-invalid', "Couldn't parse workflows config as YAML.", { cause })
}
