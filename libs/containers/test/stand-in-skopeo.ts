// A stand-in for `skopeo copy oci-archive:<path> docker://<reference>` over plain HTTP.
import { readFileSync } from 'node:fs'
import { parseImageReference } from '@fast-mcp/versioning'
import { eachBlob, readOciArchive } from '../src/oci-archive.ts'

const args = process.argv.slice(4)
const [source = '', target = ''] = args.slice(-2)
const archive = await readOciArchive(source.replace('oci-archive:', ''))
const { registry = '', repository, tag = '' } = parseImageReference(target.replace('docker://', ''))
const scheme = args.includes('--dest-tls-verify=false') ? 'http' : 'https'
const authFile = args[args.indexOf('--dest-authfile') + 1]
const auth = args.includes('--dest-authfile')
  ? (/"auth":\s*"([^"]+)"/.exec(readFileSync(authFile ?? '', 'utf8'))?.[1] ?? '')
  : ''

async function put(path: string, body: Buffer): Promise<void> {
  const url = `${scheme}://${registry}/v2/${repository}/${path}`
  const response = await fetch(url, {
    method: 'PUT',
    body: new Uint8Array(body),
    headers: auth === '' ? {} : { authorization: `Basic ${auth}` }
  })
  if (response.ok) return
  console.error(`writing ${path}: ${response.status === 401 ? 'unauthorized' : String(response.status)}`)
  process.exit(1)
}

await eachBlob(archive.path, async (name, _size, content) => {
  const digest = name.replace(/^blobs\/sha256\//, 'sha256:')
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  if (digest === archive.manifestDigest) await put(`manifests/${tag}`, body)
  else if (name.startsWith('blobs/')) await put(`blobs/uploads/1?digest=${digest}`, body)
})
