import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { inFolder } from '../../test/workspace.ts'
import { processStart, startFromProc, startFromPs } from './process-start.ts'
import { isHeldByAnother, withLock } from './with-lock.ts'

const program = fileURLToPath(new URL('../../test/lock-holder.ts', import.meta.url))
const children: ChildProcess[] = []

// The pipeline that runs these tests holds a lock of its own.
const inherited = process.env['FAST_MCP_LOCK']
beforeEach(() => {
  Reflect.deleteProperty(process.env, 'FAST_MCP_LOCK')
})

afterEach(async () => {
  if (inherited !== undefined) process.env['FAST_MCP_LOCK'] = inherited
  await Promise.all(children.splice(0).map(end))
})

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Starts a process that wants the lock; resolves with its first line: `holding` or why not. */
async function start(folder: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, folder, 'make full'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, FAST_MCP_LOCK: '', ...env }
  })
  children.push(child)
  const [line]: unknown[] = await once(child.stdout, 'data')
  return { child, line: String(line).trim() }
}

const lockOf = (folder: string): string => join(folder, '.local', 'lock.json')

describe('the lock', () => {
  test('lets the work through, gives back what it made, and is gone afterwards', () =>
    inFolder(async (folder) => {
      const made = await withLock(folder, 'make app', async () => {
        const holder: unknown = JSON.parse(await readFile(lockOf(folder), 'utf8'))
        expect(holder).toMatchObject({
          pid: process.pid,
          command: 'make app',
          token: process.env['FAST_MCP_LOCK']
        })
        return 'made'
      })
      expect(made).toBe('made')
      expect(await readdir(join(folder, '.local'))).toEqual([])
      expect(process.env['FAST_MCP_LOCK']).toBeUndefined()
    }))

  test('is held by another one only while that one lives, and never by the process that asks', () =>
    inFolder(async (folder) => {
      expect(await isHeldByAnother(folder)).toBe(false)
      expect(await withLock(folder, 'x', () => isHeldByAnother(folder))).toBe(false)
      const { child } = await start(folder)
      expect(await isHeldByAnother(folder)).toBe(true)
      await end(child)
      expect(await isHeldByAnother(folder)).toBe(false)
    }))

  test('is gone after work that throws', () =>
    inFolder(async (folder) => {
      await expect(withLock(folder, 'x', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
      expect(existsSync(lockOf(folder))).toBe(false)
    }))

  test('keeps a second pipeline out, and says who holds it and since when', () =>
    inFolder(async (folder) => {
      const { child, line } = await start(folder)
      expect(line).toBe('holding')
      const work = withLock(folder, 'make deploy', () => Promise.resolve('must not run'))
      await expect(work).rejects.toMatchObject({
        code: 'locked',
        exitCode: 2,
        message: expect.stringMatching(
          new RegExp(`process ${String(child.pid)}, "make full", since 20\\d\\d-.*Z$`)
        )
      })
      expect(existsSync(lockOf(folder))).toBe(true)
    }))

  test('of a process that was killed is taken over', () =>
    inFolder(async (folder) => {
      const { child } = await start(folder)
      await end(child)
      expect(existsSync(lockOf(folder))).toBe(true)
      expect(await withLock(folder, 'make full', () => Promise.resolve('ran'))).toBe('ran')
      expect(await readdir(join(folder, '.local'))).toEqual([])
    }))

  test('of another process with the same id is taken over', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, '.local'))
      const holder = {
        pid: process.pid,
        processStart: 'long ago',
        command: 'x',
        since: new Date().toISOString(),
        token: 't'
      }
      await writeFile(lockOf(folder), JSON.stringify(holder))
      expect(await withLock(folder, 'make full', () => Promise.resolve('ran'))).toBe('ran')
    }))

  test.each(['', '{', '{"pid":"x"}', 'null'])('that reads %p holds nobody out', (content) =>
    inFolder(async (folder) => {
      await mkdir(join(folder, '.local'))
      await writeFile(lockOf(folder), content)
      expect(await withLock(folder, 'make full', () => Promise.resolve('ran'))).toBe('ran')
    })
  )

  test('is taken over past the claim of a process that died while taking it over', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, '.local'))
      await writeFile(lockOf(folder), '{')
      const claim = `${lockOf(folder)}.takeover`
      await writeFile(claim, '')
      await utimes(claim, new Date(0), new Date(0))
      expect(await withLock(folder, 'make full', () => Promise.resolve('ran'))).toBe('ran')
    }))

  test('of a dead process goes to one of several that want it', () =>
    inFolder(async (folder) => {
      const { child } = await start(folder)
      await end(child)
      const lines = (await Promise.all([start(folder), start(folder), start(folder)])).map(({ line }) => line)
      expect(lines.filter((line) => line === 'holding')).toHaveLength(1)
      expect(lines.filter((line) => line.startsWith('another pipeline is at work here'))).toHaveLength(2)
    }))
})

describe('a process that the holder started', () => {
  test('goes straight in, and leaves the lock to its holder', () =>
    inFolder((folder) =>
      withLock(folder, 'make full', async () => {
        const { child, line } = await start(folder, { FAST_MCP_LOCK: process.env['FAST_MCP_LOCK'] ?? '' })
        expect(line).toBe('holding')
        const gone = once(child, 'exit')
        child.stdin.end()
        await gone
        expect(existsSync(lockOf(folder))).toBe(true)
        expect(await withLock(folder, 'inner', () => Promise.resolve('in'))).toBe('in')
        expect(existsSync(lockOf(folder))).toBe(true)
      })
    ))

  test('keeps the lock where the holder is killed while it works', () =>
    inFolder(async (folder) => {
      const { child } = await start(folder)
      const holder: unknown = JSON.parse(await readFile(lockOf(folder), 'utf8'))
      process.env['FAST_MCP_LOCK'] = z.object({ token: z.string() }).parse(holder).token
      await withLock(folder, 'infra:deploy', async () => {
        await end(child)
        await sleep(400)
        expect(await start(folder)).toMatchObject({
          line: expect.stringContaining(`process ${String(process.pid)}, "infra:deploy"`)
        })
      })
      expect(existsSync(lockOf(folder))).toBe(false)
    }))

  test('takes a lock of its own where its token is of another one, and passes the old token on afterwards', () =>
    inFolder(async (folder) => {
      const { child } = await start(folder, { FAST_MCP_LOCK: 'stale' })
      await expect(withLock(folder, 'x', () => Promise.resolve())).rejects.toMatchObject({ code: 'locked' })
      await end(child)
      process.env['FAST_MCP_LOCK'] = 'stale'
      await withLock(folder, 'x', () => Promise.resolve())
      expect(process.env['FAST_MCP_LOCK']).toBe('stale')
    }))
})

describe('the start of a process', () => {
  test.each([
    ['/proc', startFromProc],
    ['ps', startFromPs],
    ['this system', processStart]
  ])(
    'by %s is the same whenever it is asked, and undefined where there is no process',
    async (_, startOf) => {
      const first = await startOf(process.pid)
      expect(first).toMatch(/\S/)
      expect(await startOf(process.pid)).toBe(first)
      expect(await startOf(2 ** 22 + 1)).toBeUndefined()
    }
  )
})
