import { describe, expect, test } from '@jest/globals'

import { goldenRows } from '../../test/golden.ts'
import { isQuiltError } from '../error.ts'
import { parseWorkflowConfig } from './config.ts'
import { fromYaml } from './from-yaml.ts'
import { pythonRepr } from './python-repr.ts'

const couldNotParse = "Couldn't parse workflows config as YAML."

/** What a call says, or the message of its error. */
function outcome(text: string, made: (bytes: Uint8Array) => string | null): string | null {
  try {
    return made(Buffer.from(text))
  } catch (error) {
    if (isQuiltError(error, 'workflow-config-invalid')) return error.message
    throw error
  }
}

const recorded = goldenRows('vectors/workflow_yaml.json')

describe('YAML is read as PyYAML reads it', () => {
  test('any recorded text has the same value, and the same verdict as a configuration', () => {
    const rows = recorded.filter((row) => !row.has('beyond'))
    expect(rows.length).toBeGreaterThan(2000)
    const texts = rows.map((row) => row.text('text'))
    const ours = texts.map((text) => ({
      text,
      value: outcome(text, (bytes) => pythonRepr(fromYaml(bytes))),
      error: outcome(text, (bytes) => (parseWorkflowConfig(bytes), null))
    }))
    const theirs = rows.map((row) => ({
      text: row.text('text'),
      value: row.has('repr') ? row.text('repr') : couldNotParse,
      error: row.textOrNull('error')
    }))
    expect(ours).toEqual(theirs)
  })

  test('what only PyYAML takes is refused, not read as something else', () => {
    const beyond = recorded.filter((row) => row.has('beyond'))
    expect(beyond.length).toBeGreaterThan(0)
    for (const row of beyond) {
      expect(row.value('error')).toBe(null)
      expect(() => parseWorkflowConfig(Buffer.from(row.text('text')))).toThrow(couldNotParse)
    }
  })

  test.each([
    ['brackets without end', '['.repeat(5000)],
    ['maps without end', '{a: '.repeat(5000)],
    ['a list in a list in a list', '- '.repeat(5000)],
    ['merges that double', doubling((name) => `{<<: [*${name}, *${name}]}`, '{x: y}')],
    ['lists that double', doubling((name) => `[*${name}, *${name}]`, '[x]')],
    ['a map that is merged into itself', 'a: &a {<<: *a}'],
    ['a number of too many digits', `a: ${'1'.repeat(5000)}`],
    ['a key that stands for what is no text', '"\\udfff1": a']
  ])('%s is refused', (_, text) => {
    expect(() => fromYaml(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'workflow-config-invalid', message: couldNotParse })
    )
  })

  test('ids that are not texts are no workflows and no schemas', () => {
    const config = parseWorkflowConfig(
      Buffer.from(
        'version: "1"\nworkflows: {on: {name: A}, y: {name: B}}\nschemas: {2024: {url: u}, s: {url: v}}'
      )
    )
    expect([...config.workflows.keys()]).toEqual(['y'])
    expect([...config.schemas.keys()]).toEqual(['s'])
  })
})

/** Thirty anchors, each twice the one before. */
function doubling(twice: (name: string) => string, first: string): string {
  const lines = [`a0: &a0 ${first}`]
  for (let i = 1; i < 30; i++) lines.push(`a${String(i)}: &a${String(i)} ${twice(`a${String(i - 1)}`)}`)
  return lines.join('\n')
}
