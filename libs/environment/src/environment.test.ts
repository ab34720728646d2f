import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { environmentHelp, environmentTable } from './describe.ts'
import { metaOf, parseEnvironment, variable } from './environment.ts'

const schema = z.object({
  PORT: variable(z.coerce.number().int().min(1).max(65535).default(8000), {
    description: 'Port to listen on.',
    accepts: 'a port from 1 to 65535'
  }),
  LEVEL: variable(z.enum(['info', 'debug']).optional(), {
    description: 'What is logged.',
    accepts: 'info | debug',
    unset: 'nothing is'
  }),
  TOKEN: variable(z.string().min(8).optional(), {
    description: 'Token.',
    accepts: '8 characters',
    secret: true
  }),
  HOME_URL: variable(z.url(), { description: 'Home.', accepts: 'a URL' })
})
const home = { HOME_URL: 'https://example.org' }

describe('the environment', () => {
  test('gives typed values and defaults, and leaves other variables alone', () => {
    expect(parseEnvironment(schema, { ...home, PORT: '9000', LEVEL: 'debug', PATH: '/bin' })).toEqual({
      ...home,
      PORT: 9000,
      LEVEL: 'debug'
    })
    expect(parseEnvironment(schema, home)).toEqual({ ...home, PORT: 8000 })
  })

  test('takes an empty or blank value for unset, and blanks around a value away', () => {
    expect(parseEnvironment(schema, { ...home, PORT: '', LEVEL: '  ' })).toEqual({ ...home, PORT: 8000 })
    expect(parseEnvironment(schema, { ...home, PORT: ' 9000\n' })).toMatchObject({ PORT: 9000 })
  })

  test('names every wrong variable at once, what was read and what is accepted', () => {
    expect(() => parseEnvironment(schema, { PORT: '70000', LEVEL: 'loud' })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        exitCode: 2,
        message:
          'PORT is "70000"; accepted: a port from 1 to 65535\nLEVEL is "loud"; accepted: info | debug\nHOME_URL is unset; accepted: a URL',
        remedy: 'Correct or unset PORT, LEVEL, HOME_URL; --help lists all variables.'
      })
    )
  })

  test('never prints a secret', () => {
    expect(() => parseEnvironment(schema, { ...home, TOKEN: 'hunter2' })).toThrow(
      expect.objectContaining({ message: 'TOKEN is (secret); accepted: 8 characters' })
    )
  })

  test('is declared with variable(), or it is a fault of the program', () => {
    expect(() => metaOf('X', z.string())).toThrow('X is not declared with variable()')
    expect(() => parseEnvironment(z.object({ X: z.string() }), {})).toThrow(
      'X is not declared with variable()'
    )
  })

  test('may use one schema for two variables', () => {
    const text = z.string().optional()
    const one = variable(text, { description: 'One.', accepts: 'text' })
    const two = variable(text, { description: 'Two.', accepts: 'text' })
    expect([metaOf('ONE', one).description, metaOf('TWO', two).description]).toEqual(['One.', 'Two.'])
  })
})

test('the help text has a pair of lines for each variable', () => {
  expect(environmentHelp(schema)).toBe(
    [
      '  PORT      Port to listen on.',
      '            a port from 1 to 65535; default: 8000',
      '  LEVEL     What is logged.',
      '            info | debug; default: nothing is',
      '  TOKEN     Token.',
      '            8 characters; default: unset',
      '  HOME_URL  Home.',
      '            a URL; default: unset',
      ''
    ].join('\n')
  )
})

test('the table has a row for each variable, bars escaped', () => {
  expect(environmentTable(schema).split('\n')).toEqual([
    '| variable | what it is | accepted | default |',
    '|---|---|---|---|',
    '| `PORT` | Port to listen on. | a port from 1 to 65535 | 8000 |',
    '| `LEVEL` | What is logged. | info \\| debug | nothing is |',
    '| `TOKEN` | Token. | 8 characters | unset |',
    '| `HOME_URL` | Home. | a URL | unset |',
    ''
  ])
})
