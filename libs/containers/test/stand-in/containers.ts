import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Store } from './store.ts'

type End = (words: string, code: number) => never

interface Container {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
}

/** What /proc/1/status holds in a container without privileges. */
const processStatus = [
  'Uid:\t1000\t1000\t1000\t1000',
  ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name}:\t0000000000000000`),
  'NoNewPrivs:\t1',
  ''
].join('\n')

/** The commands that are about containers. */
export async function containerCommand(
  store: Store,
  kind: string,
  args: readonly string[],
  end: End
): Promise<void> {
  const folder = join(store.folder, 'containers')
  mkdirSync(folder, { recursive: true })
  const [command] = args
  const last = args.at(-1) ?? ''
  switch (command) {
    case 'run':
      return run(store, folder, args, end)
    case 'container': {
      const found = args.slice(2).flatMap((name) => find(folder, name) ?? [])
      console.log(JSON.stringify(found.map((container) => inspect(folder, container, kind))))
      if (found.length < args.length - 2) end('Error: no such container', 125)
      return
    }
    case 'ps': {
      const filters = args.filter((word) => word.startsWith('label=')).map((word) => word.slice(6))
      for (const container of all(folder))
        if (filters.every((label) => container.labels[label.split('=')[0] ?? ''] === label.split('=')[1]))
          console.log(container.id)
      return
    }
    case 'exec': {
      const container = required(folder, args[1] ?? '', end)
      if (args.includes('-e')) {
        process.stdout.write(
          last.includes('/proc/1/status') ? processStatus : last.includes('writeFile') ? '/tmp\n' : ''
        )
        return
      }
      const { status, stdout, stderr } = spawnSync(process.execPath, [main(store, container), last], {
        env: { ...process.env, PORT: String(container.port), HOST: '127.0.0.1' }
      })
      process.stdout.write(stdout)
      process.stderr.write(stderr)
      process.exit(status ?? 1)
      return
    }
    case 'logs': {
      const container = required(folder, last, end)
      process.stdout.write(readFileSync(join(folder, `${container.id}.out`)))
      process.stderr.write(readFileSync(join(folder, `${container.id}.err`)))
      return
    }
    case 'kill':
    case 'stop': {
      const container = required(folder, last, end)
      const pid = pidOf(folder, container)
      const signal = command === 'stop' ? 'SIGTERM' : (args[2] ?? 'SIGKILL')
      if (pid !== undefined) process.kill(pid, signal === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM')
      while (command === 'stop' && exitCode(folder, container) === undefined)
        await new Promise((resolve) => setTimeout(resolve, 5))
      return
    }
    case 'rm': {
      const container = find(folder, last)
      if (container === undefined) return end(`Error: no container with name ${last}: no such container`, 1)
      const pid = pidOf(folder, container)
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
      rmSync(join(folder, `${container.id}.json`))
      return
    }
    default:
      end(`unknown command ${args.join(' ')}`, 125)
  }
}

async function run(store: Store, folder: string, args: readonly string[], end: End): Promise<void> {
  const all = (flag: string): readonly string[] =>
    args.flatMap((word, at) => (args[at - 1] === flag ? [word] : []))
  const name = all('--name')[0] ?? ''
  const image = store.imageId(args.at(-1) ?? '')
  if (image === undefined) return end(`Error: ${args.at(-1) ?? ''}: image not known`, 125)
  if (find(folder, name) !== undefined) return end(`Error: the name "${name}" is already in use by x`, 125)
  const [, hostPort] = (all('--publish')[0] ?? '').split(':')
  const port = await listenable(Number(hostPort ?? 0))
  if (port === undefined) return end('Error: rootlessport listen tcp: bind: address already in use', 126)
  const id = `${Buffer.from(name).toString('hex')}${'0'.repeat(64)}`.slice(0, 64)
  const defaults = store.defaults(image)
  const labels = Object.fromEntries(all('--label').map((label) => label.split('=')))
  const container: Container = { id, name, image, port, labels: { ...defaults.labels, ...labels } }
  const given = Object.fromEntries(all('--env').map((pair) => pair.split('=')))
  const out = openSync(join(folder, `${id}.out`), 'w')
  const err = openSync(join(folder, `${id}.err`), 'w')
  const paths = [join(folder, `${id}.pid`), join(folder, `${id}.exit`)]
  for (const path of paths) rmSync(path, { force: true })
  const script = '"$0" "$1" & echo $! >"$2"; wait $!; echo $? >"$3.part"; mv "$3.part" "$3"'
  spawn('sh', ['-c', script, process.execPath, main(store, container), ...paths], {
    detached: true,
    stdio: ['ignore', out, err],
    env: {
      PATH: process.env['PATH'],
      ...defaults.environment,
      ...given,
      HOST: '127.0.0.1',
      PORT: String(port)
    }
  }).unref()
  while (!existsSync(paths[0] ?? '') || readFileSync(paths[0] ?? '', 'utf8') === '')
    await new Promise((resolve) => setTimeout(resolve, 2))
  writeFileSync(join(folder, `${id}.json`), JSON.stringify(container))
  console.log(id)
}

function inspect(folder: string, container: Container, kind: string): object {
  const code = exitCode(folder, container)
  const bindings = { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(container.port) }] }
  return {
    Id: container.id,
    Name: kind === 'docker' ? `/${container.name}` : container.name,
    Image: kind === 'docker' ? container.image : container.image.replace('sha256:', ''),
    State: {
      Status: code === undefined ? 'running' : 'exited',
      Pid: code === undefined ? (pidOf(folder, container) ?? 0) : 0,
      ExitCode: code ?? 0,
      OOMKilled: false,
      StartedAt: '2026-01-02T03:04:05Z',
      FinishedAt: code === undefined ? '0001-01-01T00:00:00Z' : '2026-01-02T03:04:06Z'
    },
    Config: { Labels: container.labels },
    HostConfig: { PortBindings: bindings },
    NetworkSettings: { Ports: bindings }
  }
}

function all(folder: string): readonly Container[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name): Container => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

function find(folder: string, reference: string): Container | undefined {
  return all(folder).find(({ id, name }) => id === reference || name === reference)
}

function required(folder: string, reference: string, end: End): Container {
  return find(folder, reference) ?? end(`Error: no such container ${reference}`, 125)
}

function main(store: Store, { image }: Pick<Container, 'image'>): string {
  return join(store.root(image), 'app', 'main.js')
}

function exitCode(folder: string, { id }: Container): number | undefined {
  const path = join(folder, `${id}.exit`)
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
}

function pidOf(folder: string, container: Container): number | undefined {
  if (exitCode(folder, container) !== undefined) return undefined
  const path = join(folder, `${container.id}.pid`)
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
}

/** The port, or a free one for 0; undefined where it is taken. */
async function listenable(port: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}
