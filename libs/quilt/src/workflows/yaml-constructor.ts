import { isAlias, isMap, isNode, isScalar, isSeq, Scalar, type Node, type YAMLMap } from 'yaml'

import type { JsonValue } from '../json/value.ts'
import { isOtherKey, otherKey, PythonObject } from './python-object.ts'
import { pythonRepr } from './python-repr.ts'
import { plainTag, scalarValue } from './yaml-scalars.ts'

/** How many values are made: with anchors, a few lines can stand for gigabytes. */
const maxValues = 200_000

/** What all tags of YAML begin with. */
const prefix = 'tag:yaml.org,2002:'

type Pair = readonly [key: Node, value: Node]

/**
 * Makes values of the nodes of a YAML document. Source: PyYAML 6.0.3, composer.py and constructor.py (SafeConstructor).
 * Throws for what PyYAML refuses, and for an anchor that contains itself.
 */
export class YamlConstructor {
  readonly value: JsonValue
  readonly #anchors: ReadonlyMap<string, Node>
  #left = maxValues

  constructor(root: Node, anchors: ReadonlyMap<string, Node>) {
    this.#anchors = anchors
    this.value = this.#construct(root)
  }

  #construct(given: Node): JsonValue {
    const node = this.#target(given)
    if (isScalar(node)) return scalar(node)
    const tag = tagOf(node)
    if (isMap(node)) {
      if (tag === 'map') return this.#map(node)
      if (tag === 'set') return new PythonObject(setRepr([...this.#map(node).keys()]))
    }
    if (isSeq(node)) {
      if (tag === 'seq') return node.items.map((item) => this.#construct(nodeOf(item)))
      if (tag === 'omap' || tag === 'pairs')
        return new PythonObject(`[${node.items.map((item) => this.#tuple(nodeOf(item))).join(', ')}]`)
    }
    throw new Error(`no value for the tag ${tag}`)
  }

  /** What an alias stands for. */
  #target(node: Node): Node {
    if (this.#left-- === 0) throw new Error('the text stands for too many values')
    if (!isAlias(node)) return node
    const target = this.#anchors.get(node.source)
    if (target === undefined) throw new Error(`undefined alias ${node.source}`)
    return target
  }

  #map(map: YAMLMap): ReadonlyMap<string, JsonValue> {
    const value = new Map<string, JsonValue>()
    for (const [key, member] of this.#pairs(map)) value.set(this.#key(key), this.#construct(member))
    return value
  }

  /** The pairs of a map, those that are merged into it first. */
  #pairs(map: YAMLMap): readonly Pair[] {
    const merged: Pair[] = []
    const own: Pair[] = []
    for (const { key, value } of map.items) {
      const pair: Pair = [this.#target(nodeOf(key)), nodeOf(value)]
      if (isScalar(pair[0]) && tagOf(pair[0]) === 'merge') merged.push(...this.#merged(this.#target(pair[1])))
      else own.push(pair)
    }
    return [...merged, ...own]
  }

  #merged(node: Node): readonly Pair[] {
    if (isMap(node)) return this.#pairs(node)
    if (!isSeq(node)) throw new Error('only maps can be merged')
    // The first of several counts, so it comes last.
    return node.items.toReversed().flatMap((item) => {
      const each = this.#target(nodeOf(item))
      if (!isMap(each)) throw new Error('only maps can be merged')
      return this.#pairs(each)
    })
  }

  #key(node: Node): string {
    if (isScalar(node) && tagOf(node) === 'value') return textOf(node)
    const key = this.#construct(node)
    if (typeof key === 'string') {
      if (isOtherKey(key)) throw new Error('a key that no text has')
      return key
    }
    if (isSeq(node) || isMap(node)) throw new Error('a list, a map or a set cannot be a key')
    return otherKey(pythonRepr(key))
  }

  /** An item of `!!omap` and `!!pairs`. */
  #tuple(item: Node): string {
    const node = this.#target(item)
    const [pair, ...others] = isMap(node) ? node.items : []
    if (pair === undefined || others.length > 0) throw new Error('not a map of one pair')
    const [key, value] = [pair.key, pair.value].map((each) => pythonRepr(this.#construct(nodeOf(each))))
    return `(${String(key)}, ${String(value)})`
  }
}

/** A key or a value; what is left out is a text without characters. */
function nodeOf(part: unknown): Node {
  if (isNode(part)) return part
  return new Scalar('')
}

function scalar(node: Scalar): JsonValue {
  const tag = tagOf(node)
  const value = scalarValue(tag, textOf(node))
  if (value === undefined) throw new Error(`no value for the tag ${tag}`)
  return value
}

function textOf(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : ''
}

/** A tag without what all tags begin with, as PyYAML resolves it. */
function tagOf(node: Node): string {
  const tag = 'tag' in node ? node.tag : undefined
  if (isScalar(node)) {
    if (tag === '!') return plainTag(textOf(node))
    if (tag === undefined) return isPlain(node) ? plainTag(textOf(node)) : 'str'
  } else if (tag === undefined || tag === '!') return isMap(node) ? 'map' : 'seq'
  return tag.startsWith(prefix) ? tag.slice(prefix.length) : tag
}

function isPlain({ type }: Scalar): boolean {
  return type === undefined || type === Scalar.PLAIN
}

function setRepr(keys: readonly string[]): string {
  return keys.length === 0 ? 'set()' : `{${keys.map((key) => pythonRepr(key)).join(', ')}}`
}
