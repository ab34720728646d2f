import { widthOf, type Node } from './nodes.ts'

/** A JavaScript expression that finds what a pattern without references to groups finds. */
export function toExpression(node: Node): RegExp {
  const cases = new Set(casesOf(node))
  // A modifier only where it is needed: not all engines have them.
  const hasModifiers = cases.size > 1
  // What can be nothing would else be found in the middle of a character of two code units.
  const guard = widthOf(node)[0] === 0 ? '(?:^|(?<=[\\s\\S]))' : ''
  return new RegExp(guard + sourceOf(node, hasModifiers), cases.has(true) && !hasModifiers ? 'iv' : 'v')
}

/** Whether characters are compared without their case, of every character. */
function casesOf(node: Node): readonly boolean[] {
  switch (node.kind) {
    case 'leaf':
      return node.ignoresCase === undefined ? [] : [node.ignoresCase]
    case 'sequence':
      return node.parts.flatMap(casesOf)
    case 'either':
      return node.options.flatMap(casesOf)
    case 'reference':
      return []
    default:
      return casesOf(node.body)
  }
}

function sourceOf(node: Node, hasModifiers: boolean): string {
  const inner = (each: Node): string => sourceOf(each, hasModifiers)
  switch (node.kind) {
    case 'leaf':
      return hasModifiers && node.ignoresCase === true ? `(?i:${node.source})` : node.source
    case 'sequence':
      return node.parts.map(inner).join('')
    case 'either':
      return `(?:${node.options.map(inner).join('|')})`
    case 'group':
    case 'plain':
      return `(?:${inner(node.body)})`
    case 'repeat':
      return `(?:${inner(node.body)})${quantifier(node)}${node.isLazy ? '?' : ''}`
    case 'look':
      return `(?${node.isBehind ? '<' : ''}${node.isNegative ? '!' : '='}${inner(node.body)})`
    case 'reference':
      throw new TypeError('a reference has no expression')
  }
}

function quantifier({ least, most }: { readonly least: number; readonly most: number }): string {
  return `{${String(least)},${most === Infinity ? '' : String(most)}}`
}
