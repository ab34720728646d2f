import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'dotenv'
import { readConfigFile, writeConfigFile } from './config-file.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'))
  path = join(folder, '.config')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

const hostile = {
  PLAIN: 'https://localhost:8443/mcp',
  EMPTY: '',
  BLANKS: 'a b  c',
  EXPANSION: '$HOME ${HOME} $(touch executed) `touch executed`',
  COMMENT: 'a # b',
  QUOTES: 'say "hello"',
  BACKSLASH: 'a\\nb'
}

describe('.config', () => {
  test('is read back as it was written, by us and by dotenv', async () => {
    await writeConfigFile(path, hostile)
    expect(await readConfigFile(path)).toEqual(hostile)
    expect(parse(await readFile(path))).toEqual(hostile)
  })

  test('gives a shell the same values and executes nothing', async () => {
    await writeConfigFile(path, hostile)
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', `. ./.config; printf %s "$EXPANSION|$BLANKS"`],
      {
        cwd: folder
      }
    )
    expect(stdout).toBe(`${hostile.EXPANSION}|${hostile.BLANKS}`)
    expect(await readdir(folder)).toEqual(['.config'])
  })

  test('takes the place of the one before as a whole', async () => {
    await writeConfigFile(path, { A: '1', B: '2' })
    await writeConfigFile(path, { A: '3' })
    expect(await readConfigFile(path)).toEqual({ A: '3' })
    expect(await readdir(folder)).toEqual(['.config'])
  })

  test('that is not there is undefined', async () => {
    expect(await readConfigFile(path)).toBeUndefined()
  })

  test.each([
    ['A', "it's"],
    ['A', 'two\nlines'],
    ['A', 'carriage\rreturn'],
    ['lower', 'case'],
    ['A B', 'x']
  ])('refuses to hold %s=%j', async (name, value) => {
    await expect(writeConfigFile(path, { [name]: value })).rejects.toMatchObject({ code: 'internal' })
    expect(await readdir(folder)).toEqual([])
  })

  test.each(['TARGET', "A='open", 'export A=1', 'A=$(touch x)', 'A="quoted"', 'rm -rf /', 'A=1 B=2'])(
    'with the line %j is state-invalid',
    async (text) => {
      await writeFile(path, `TARGET=local\n${text}\n`)
      await expect(readConfigFile(path)).rejects.toMatchObject({ code: 'state-invalid', evidence: text })
    }
  )
})
