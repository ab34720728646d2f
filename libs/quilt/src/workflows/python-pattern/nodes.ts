/** A character, or a place between two. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly source: string
  readonly width: 0 | 1
  /** Undefined where it makes no difference. */
  readonly ignoresCase: boolean | undefined
}

/** A part of a pattern of Python's `re`, as it is to be found: flags are worked in, groups are numbered. */
export type Node =
  | Leaf
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly options: readonly Node[] }
  | { readonly kind: 'group'; readonly number: number; readonly body: Node }
  | { readonly kind: 'plain'; readonly body: Node }
  | {
      readonly kind: 'repeat'
      readonly least: number
      readonly most: number
      readonly isLazy: boolean
      readonly body: Node
    }
  | { readonly kind: 'look'; readonly isBehind: boolean; readonly isNegative: boolean; readonly body: Node }
  | {
      readonly kind: 'reference'
      readonly number: number
      readonly width: Width
      readonly ignoresCase: boolean
    }

/** Least and most characters that a part can match. */
export type Width = readonly [least: number, most: number]

/** Source: Python 3.11, re/_parser.py (SubPattern.getwidth). */
export function widthOf(node: Node): Width {
  switch (node.kind) {
    case 'leaf':
      return [node.width, node.width]
    case 'sequence':
      return node.parts.map(widthOf).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
    case 'either': {
      const widths = node.options.map(widthOf)
      return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))]
    }
    case 'group':
    case 'plain':
      return widthOf(node.body)
    case 'repeat': {
      const [least, most] = widthOf(node.body)
      return [least * node.least, most === 0 ? 0 : most * node.most]
    }
    case 'look':
      return [0, 0]
    case 'reference':
      return node.width
  }
}

/** Whether a part refers to what a group has matched. */
export function refersBack(node: Node): boolean {
  switch (node.kind) {
    case 'leaf':
      return false
    case 'reference':
      return true
    case 'sequence':
      return node.parts.some(refersBack)
    case 'either':
      return node.options.some(refersBack)
    default:
      return refersBack(node.body)
  }
}
