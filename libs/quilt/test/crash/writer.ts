import { openRegistry } from '../../src/registry/open-registry.ts'

// Pushes one revision after the other into the registry it is given, until it is killed. Says when it has pushed as many
// as it was told to.
const [uri = '', pushes = '0'] = process.argv.slice(2)
const registry = openRegistry(uri)
for (let i = 0; ; i++) {
  if (i === Number(pushes)) process.stdout.write('ready\n')
  const builder = registry.newPackage()
  for (let file = 0; file < 5; file++)
    builder.set(`${String(file)}/data`, Buffer.alloc(20_000, `${String(i)} ${String(file)} `))
  await builder.push('crash/test', {
    message: String(i),
    force: true,
    now: new Date(1_700_000_000_000 + i * 1000)
  })
}
