import { describe, expect, test } from '@jest/globals'
import { parseInspect } from './container-state.ts'

const running = {
  Id: 'abc',
  Name: '/web',
  Image: 'f00',
  State: {
    Status: 'running',
    Pid: 42,
    ExitCode: 0,
    OOMKilled: false,
    StartedAt: '2026-01-02T03:04:05Z',
    FinishedAt: '0001-01-01T00:00:00Z'
  },
  Config: { Labels: { a: 'b' } },
  HostConfig: { PortBindings: null },
  NetworkSettings: { Ports: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '8001' }], '9/tcp': null } }
}

function one(change: object) {
  return parseInspect(JSON.stringify([{ ...running, ...change }]))[0]
}

describe('what inspect says', () => {
  test('of a container that runs', () => {
    expect(one({})).toEqual({
      id: 'abc',
      name: 'web',
      state: 'running',
      pid: 42,
      exitCode: undefined,
      outOfMemory: false,
      startedAt: '2026-01-02T03:04:05Z',
      finishedAt: undefined,
      imageId: 'sha256:f00',
      labels: { a: 'b' },
      hostPort: 8001
    })
  })

  test('of one that has ended, without labels, with its port only in the configuration', () => {
    const State = {
      ...running.State,
      Status: 'stopped',
      Pid: 0,
      ExitCode: 137,
      OOMKilled: true,
      FinishedAt: '2026-01-02T03:04:06Z'
    }
    const change = {
      State,
      Image: 'sha256:f00',
      Config: { Labels: null },
      HostConfig: { PortBindings: { '8000/tcp': [{ HostIp: '', HostPort: '1' }] } },
      NetworkSettings: {}
    }
    expect(one(change)).toMatchObject({
      state: 'exited',
      pid: undefined,
      exitCode: 137,
      outOfMemory: true,
      finishedAt: '2026-01-02T03:04:06Z',
      imageId: 'sha256:f00',
      labels: {},
      hostPort: 1
    })
  })

  test('of one that was never started, and of one in a state with an unknown name', () => {
    const State = { ...running.State, Status: 'configured', Pid: 0, StartedAt: '0001-01-01T00:00:00Z' }
    expect(one({ State, NetworkSettings: {} })).toMatchObject({
      state: 'created',
      startedAt: undefined,
      exitCode: undefined,
      hostPort: undefined
    })
    expect(one({ State: { ...State, Status: 'hovering' } })).toMatchObject({ state: 'dead' })
  })

  test.each(['no JSON', '[{"Id": 1}]'])('an output of another form is refused: %s', (text) => {
    expect(() => parseInspect(text)).toThrow(expect.objectContaining({ code: 'internal' }))
  })
})
