import { createContext, Script } from 'node:vm'

import { QuiltError } from '../error.ts'
import { Matcher } from './python-pattern/matcher.ts'
import { mostPaths } from './python-pattern/most-paths.ts'
import { refersBack, type Node } from './python-pattern/nodes.ts'
import { parsePattern } from './python-pattern/parse-pattern.ts'
import { toExpression } from './python-pattern/to-expression.ts'
import { pythonRepr } from './python-repr.ts'

/** How long one search may take, in milliseconds: patterns come from the registry, and some never end. */
const timeLimit = 1000

/** As many ways to look for a pattern are tried in milliseconds. */
const fewPaths = 100_000

/** A pattern of Python's `re` module, for `re.search` in text. */
export interface PythonPattern {
  /** Whether the pattern is found anywhere. Throws `workflow-failed` if that cannot be told in a second. */
  search(text: string): boolean
}

/**
 * Compiles a pattern of Python's `re` (https://docs.python.org/3.11/library/re.html). Throws `workflow-config-invalid`
 * for one that is not valid, and for the few things that are not supported: conditional groups, atomic groups,
 * possessive quantifiers, verbose mode, characters by name.
 */
export function compilePattern(pattern: string): PythonPattern {
  const test = compiled(pattern)
  return {
    search(text) {
      try {
        return test(text)
      } catch (error) {
        throw new QuiltError(
          'workflow-failed',
          `pattern ${pythonRepr(pattern)} takes too long to search for`,
          {
            remedy: 'Simplify the pattern, or shorten the text.',
            cause: error
          }
        )
      }
    }
  }
}

function compiled(pattern: string): (text: string) => boolean {
  try {
    const node = parsePattern(pattern)
    if (!refersBack(node)) return expressionTest(node)
    const matcher = new Matcher(node)
    return (text) => matcher.test(text, timeLimit)
  } catch (error) {
    if (error instanceof QuiltError) throw error
    // What the engine refuses: a pattern that is too long, or nested too deeply.
    throw new QuiltError(
      'workflow-config-invalid',
      `${pythonRepr(pattern)} is not a valid pattern: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error }
    )
  }
}

/** A test that is stopped when its time is over, which costs more than most searches. */
function expressionTest(node: Node): (text: string) => boolean {
  const expression = toExpression(node)
  const ending = endingTest(expression)
  return (text) => (mostPaths(node, text.length) <= fewPaths ? expression.test(text) : ending(text))
}

/** What a script that can be stopped works with. */
const given: { expression: RegExp; text: string } = { expression: /^/, text: '' }
const context = createContext(given)
const script = new Script('expression.test(text)')

function endingTest(expression: RegExp): (text: string) => boolean {
  return (text) => {
    given.expression = expression
    given.text = text
    return script.runInContext(context, { timeout: timeLimit }) === true
  }
}
