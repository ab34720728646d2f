import { describe, expect, test } from '@jest/globals'

import { parseWorkflowConfig } from './config.ts'

const parse = (text: string): ReturnType<typeof parseWorkflowConfig> => parseWorkflowConfig(Buffer.from(text))
const start = 'version: "1"\nworkflows: {a: {name: A}}\n'

describe('a workflows configuration', () => {
  test('is read with its defaults', () => {
    expect(parse(start)).toEqual({
      isWorkflowRequired: true,
      defaultWorkflow: undefined,
      workflows: new Map([
        [
          'a',
          {
            title: 'A',
            description: undefined,
            handlePattern: undefined,
            metadataSchema: undefined,
            entriesSchema: undefined,
            isMessageRequired: false
          }
        ]
      ]),
      schemas: new Map()
    })
  })

  test('is read with all it can say', () => {
    const config = parse(`
version: {base: "1.1.0", catalog: "1"}
catalog: {any: thing}
is_workflow_required: no
default_workflow: a
workflows:
  a: &a
    name: A
    description: what it is for
    handle_pattern: ^x
    metadata_schema: m
    entries_schema: e
    is_message_required: yes
  b: *a
schemas:
  m: {url: s3://b/m.json}
  e: {url: s3://b/e.json}
successors:
  s3://other: {title: Other, copy_data: false}
`)
    expect(config.isWorkflowRequired).toBe(false)
    expect(config.defaultWorkflow).toBe('a')
    expect(config.workflows.get('b')).toEqual({
      title: 'A',
      description: 'what it is for',
      handlePattern: '^x',
      metadataSchema: 'm',
      entriesSchema: 'e',
      isMessageRequired: true
    })
    expect(config.schemas.get('e')).toBe('s3://b/e.json')
  })

  test('may have a default workflow that cannot be there, which is not the same as none', () => {
    expect(parse(`${start}default_workflow: ""`).defaultWorkflow).toBe('')
  })

  test.each([
    ['version: "1.1.1"\nworkflows: {a: {name: A}}', "Version '1.1.1' is not supported"],
    [
      'version: "1.1.0.0"\nworkflows: {a: {name: A}}',
      /^Workflows config failed validation: '1.1.0.0' is not valid/
    ],
    ['version: 1.0\nworkflows: {a: {name: A}}', /^Workflows config failed validation: 1.0 is not valid/],
    [`${start}default_workflow: 1`, "Workflows config failed validation: 1 is not of type 'string'."],
    ['version: "1"\nworkflows: {}', 'Workflows config failed validation: {} should be non-empty.'],
    [
      'version: "1"\nworkflows: {a: {}}',
      "Workflows config failed validation: 'name' is a required property."
    ],
    [`${start}schemas: {s: {}}`, "Workflows config failed validation: 'url' is a required property."],
    ['[', "Couldn't parse workflows config as YAML."],
    ['a: 1\n---\nb: 2', "Couldn't parse workflows config as YAML."],
    ['a: !!python/object:os.system x', "Couldn't parse workflows config as YAML."],
    ['a: *unknown', "Couldn't parse workflows config as YAML."],
    [`${start}default_workflow: 2020-01-01`, /: datetime.date\(2020, 1, 1\) is not of type 'string'\.$/],
    [`${start}1: a`, /: Additional properties are not allowed \(1 was unexpected\)\.$/]
  ])('%j is refused', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'workflow-config-invalid',
        message: typeof message === 'string' ? message : expect.stringMatching(message)
      })
    )
  })

  test('that is not UTF-8, too large, or grows without end is refused', () => {
    for (const bytes of [Buffer.from([0xff]), Buffer.alloc(2_000_000, '#')])
      expect(() => parseWorkflowConfig(bytes)).toThrow(/Couldn't parse/)
    const lines = ['a0: &a0 [x, x]']
    for (let i = 1; i < 30; i++)
      lines.push(`a${String(i)}: &a${String(i)} [*a${String(i - 1)}, *a${String(i - 1)}]`)
    expect(() => parse(lines.join('\n'))).toThrow(/Couldn't parse/)
  })
})
