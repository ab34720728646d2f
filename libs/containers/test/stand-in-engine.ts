// A stand-in for the command line of docker or podman, in as much as this workspace uses it. Containers are plain
// processes of `/app/main.js` in the image. It imports little, since tests call it often. `<folder>/fail` holds lines `<command>: <words>`: that command then fails so.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerCommand } from './stand-in/containers.ts'
import { Store } from './stand-in/store.ts'

const [, , kind = '', folder = '', ...args] = process.argv
appendFileSync(join(folder, 'calls.log'), `${JSON.stringify([kind, ...args])}\n`)
const [command = ''] = args[0] === 'buildx' ? [args[1]] : args
const failures = existsSync(join(folder, 'fail')) ? readFileSync(join(folder, 'fail'), 'utf8') : ''
const failure = failures.split('\n').find((line) => line.startsWith(`${command}: `))
if (failure !== undefined) end(failure.slice(command.length + 2), 125)

function end(words: string, code: number): never {
  process.stderr.write(`${words}\n`)
  process.exit(code)
}

/** As docker keeps what it reads from its standard input. */
function logIn(registry: string, username: string): void {
  const auth = Buffer.from(`${username}:${readFileSync(0, 'utf8')}`).toString('base64')
  const config = join(process.env['DOCKER_CONFIG'] ?? '', 'config.json')
  writeFileSync(config, JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 })
}

const store = new Store(join(folder, 'store'))
const last = args.at(-1) ?? ''
switch (command) {
  case '--version':
  case 'version':
    console.log(args.includes('--format') ? '9.9.9' : `${kind} version 9.9.9`)
    break
  case 'create':
  case '':
    break
  case 'build':
    await (await import('./stand-in/build.ts')).build(store, args)
    break
  case 'login':
    logIn(last, args[args.indexOf('--username') + 1] ?? '')
    break
  case 'load':
    console.log(`Loaded image: ${await (await import('./stand-in/images.ts')).load(store, last)}`)
    break
  case 'pull':
    console.log(await (await import('./stand-in/images.ts')).pull(store, kind, last))
    break
  case 'image': {
    const id = store.imageId(last)
    if (args.includes('--all')) break
    if (args[1] === 'rm') store.remove(last)
    if (id === undefined) end(`Error: ${last}: no such image`, 1)
    if (args[1] === 'inspect') console.log(kind === 'podman' ? id.replace('sha256:', '') : id)
    break
  }
  default:
    await containerCommand(store, kind, args, end)
}
