import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { isAlive } from './task.ts'

describe('isAlive', () => {
  test('of a process that runs is true, of one that has ended false', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    await once(child, 'spawn')
    expect(isAlive(child.pid)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(child.pid)).toBe(false)
  })

  test('of an ended process that nobody has asked about is false', async () => {
    // The shell becomes a program that never waits for its child.
    const child = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const [pid]: unknown[] = await once(child.stdout, 'data')
    try {
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(isAlive(Number(String(pid)))).toBe(false)
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('of no process id is not known', () => {
    expect(isAlive(undefined)).toBeUndefined()
  })
})
