import { describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { freePort } from '../../../test/process-engine.ts'
import { portOwner, requireFreePort } from './port-owner.ts'

describe('requireFreePort', () => {
  test('accepts a free port and leaves it free', async () => {
    const port = await freePort()
    await requireFreePort(port, 'LOCAL_HTTPS_PORT')
    await requireFreePort(port, 'LOCAL_HTTPS_PORT')
  })

  test.each(['127.0.0.1', '0.0.0.0', '::'])(
    'refuses one in use on %s and names the process',
    async (host) => {
      const server = createServer().listen(0, host)
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      try {
        await expect(requireFreePort(port, 'LOCAL_HTTPS_PORT')).rejects.toMatchObject({
          code: 'port-taken',
          message: expect.stringContaining(`port ${port} of 127.0.0.1 is in use by process ${process.pid} (`),
          remedy: expect.stringContaining('LOCAL_HTTPS_PORT')
        })
      } finally {
        server.close()
      }
    }
  )
})

describe('portOwner', () => {
  test('knows nobody at a free port', async () => {
    expect(await portOwner(await freePort())).toBeUndefined()
  })
})
