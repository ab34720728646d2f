import type { Node } from './nodes.ts'

/**
 * How many ways there are at most to look for a pattern in a text of a length: few mean that a search ends soon, with
 * no clock beside it. Infinity where one repetition is in another.
 */
export function mostPaths(node: Node, length: number): number {
  return (length + 1) * pathsFrom(node, length)
}

function pathsFrom(node: Node, length: number): number {
  switch (node.kind) {
    case 'leaf':
    case 'reference':
      return 1
    case 'sequence':
      return node.parts.reduce((paths, part) => paths * pathsFrom(part, length), 1)
    case 'either':
      return node.options.reduce((paths, option) => paths + pathsFrom(option, length), 0)
    case 'repeat':
      return pathsFrom(node.body, length) > 1 ? Infinity : Math.min(node.most, length) + 1
    default:
      return pathsFrom(node.body, length)
  }
}
