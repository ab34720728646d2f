import { describe, expect, test } from '@jest/globals'
import { runArguments } from './run-arguments.ts'

describe('the arguments of run', () => {
  test('without privileges, on loopback, with nothing pulled, unless told otherwise', () => {
    const options = { name: 'n', image: 'sha256:1', publish: { containerPort: 8000 } }
    expect(runArguments('podman', options)).toEqual([
      'run',
      '--detach',
      '--pull=never',
      '--name',
      'n',
      '--publish',
      '127.0.0.1::8000',
      '--read-only',
      '--read-only-tmpfs=false',
      '--cap-drop=all',
      '--security-opt=no-new-privileges',
      '--stop-timeout',
      '10',
      'sha256:1'
    ])
    expect(runArguments('docker', options)).not.toContain('--read-only-tmpfs=false')
  })

  test('every option has its place before the image, the command behind it', () => {
    const args = runArguments('docker', {
      name: 'n',
      image: 'i',
      labels: { a: '1', b: '2' },
      environment: { X: 'y=z' },
      publish: { hostPort: 8001, containerPort: 8000 },
      user: '1000:1000',
      readOnly: false,
      temporaryFolders: ['/tmp'],
      mounts: [
        { source: '/a', target: '/b', readOnly: true },
        { source: '/c', target: '/d', readOnly: false }
      ],
      capDropAll: false,
      memoryMiB: 512,
      cpus: 0.5,
      pidsLimit: 64,
      stopTimeoutSeconds: 30,
      command: ['--flag']
    })
    expect(args.join(' ')).toBe(
      'run --detach --pull=never --name n --label a=1 --label b=2 --env X=y=z --publish 127.0.0.1:8001:8000 ' +
        '--user 1000:1000 --tmpfs /tmp:rw,noexec,nosuid,nodev,size=256m --mount type=bind,source=/a,target=/b,readonly ' +
        '--mount type=bind,source=/c,target=/d --memory 512m --cpus 0.5 --pids-limit 64 --stop-timeout 30 i --flag'
    )
  })
})
