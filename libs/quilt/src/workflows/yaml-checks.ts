import {
  isAlias,
  isCollection,
  isDocument,
  isNode,
  isPair,
  isScalar,
  visit,
  type Document,
  type Node,
  type Pair,
  type Scalar
} from 'yaml'

/** Characters of the longest key without a question mark. */
const maxKey = 1024

/** Line breaks of PyYAML, besides those that readableText has made line feeds. */
const lineBreak = /[\n\u2028\u2029]/

/**
 * The nodes with anchors by name. Throws for what the YAML package allows and PyYAML 6.0.3 (scanner.py, parser.py,
 * composer.py) does not, in a document that was parsed with its source tokens.
 */
export function checkedAnchors(document: Document, text: string): ReadonlyMap<string, Node> {
  const anchors = new Map<string, Node>()
  visit(document, {
    Pair: (_, pair) => checkKey(pair, text),
    Node: (_, node, path) => {
      if (isScalar(node)) checkScalar(node, text, isInFlow(path))
      if (isAlias(node) && !anchors.has(node.source)) throw new Error(`undefined alias ${node.source}`)
      if (isAlias(node) || node.anchor === undefined) return
      if (!/^[0-9A-Za-z_-]+$/.test(node.anchor)) throw new Error(`anchor ${node.anchor}`)
      if (anchors.has(node.anchor)) throw new Error(`duplicate anchor ${node.anchor}`)
      anchors.set(node.anchor, node)
    }
  })
  return anchors
}

/** A key without a question mark is something, is short, and stands in one line. */
function checkKey({ key, srcToken }: Pair, text: string): void {
  if (srcToken === undefined || srcToken.start.some(({ type }) => type === 'explicit-key-ind')) return
  const isMarked = srcToken.start.some(({ type }) => type === 'anchor' || type === 'tag')
  if (!srcToken.key && !isMarked) throw new Error('a key is missing')
  const source = isNode(key) ? sourceOf(key, text) : ''
  if (source.length > maxKey || lineBreak.test(source)) throw new Error('a key is too long')
}

function isInFlow(path: readonly unknown[]): boolean {
  return path.some((each) => !isDocument(each) && !isPair(each) && isCollection(each) && each.flow === true)
}

/**
 * A single quote at the end is one that ends the text, and within brackets PyYAML takes a question mark or a colon for
 * an indicator whatever follows.
 */
function checkScalar(node: Scalar, text: string, isWithin: boolean): void {
  const source = sourceOf(node, text)
  if (node.type === 'QUOTE_SINGLE' && !/^'(?:[^']|'')*'$/.test(source)) throw new Error('a quote is open')
  if (isWithin && node.type === 'PLAIN' && /^[?:]/.test(source))
    throw new Error('a text within brackets begins with an indicator')
}

/** Takes from a block that the text ends with the line break that it has none of: PyYAML adds none. */
export function mendLastBlock(document: Document, text: string): void {
  if (/\n *$/.test(text)) return
  visit(document, {
    Scalar: (_, node) => {
      if (!node.type?.startsWith('BLOCK') || node.range?.[1] !== text.length) return
      if (typeof node.value === 'string') node.value = node.value.replace(/\n$/, '')
    }
  })
}

function sourceOf({ range }: Node, text: string): string {
  return range ? text.slice(range[0], range[1]) : ''
}
