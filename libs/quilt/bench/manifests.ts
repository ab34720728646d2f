import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'

/** What a set of entries looks like. */
export interface ManifestShape {
  readonly name: string
  readonly entries: number
  /** Metadata on every entry. */
  readonly rich: boolean
  /** Entries of this multiple have another size, one in a hundred of them is missing: for the comparison. */
  readonly changed?: number
}

const folders = 100

/** Writes a manifest as quilt3 users have them: 278 bytes an entry, S3 keys with version ids. Made once. */
export function makeManifest(folder: string, { name, entries, rich, changed }: ManifestShape): string {
  const file = path.join(folder, `${name}.jsonl`)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const out = openSync(`${file}.tmp`, 'w')
  let block = '{"version": "v0", "user_meta": {"project": "bench"}, "message": "bench"}\n'
  const perFolder = Math.ceil(entries / folders)
  for (let index = 0; index < entries; index++) {
    const different = changed !== undefined && index % changed === 0
    if (different && index % (changed * 100) === 0) continue
    const place = `${String(Math.floor(index / perFolder)).padStart(3, '0')}/file${String(index).padStart(7, '0')}`
    const key = `dir${place}.${index % 4 === 0 ? 'parquet' : 'csv'}`
    const version = `${String(index).padStart(16, 'A')}bcdefghijklmnop`
    const size = index * 37 + (different ? 1 : 0)
    const meta = rich
      ? `{"user_meta": {"sample": "S${index}", "score": ${(index % 1000) / 8}, "tags": ["a", "b${index % 10}"], "nested": {"z": ${index}, "a": null, "plate": "P-${index % 96}"}, "note": "measured twice"}}`
      : '{}'
    block += `{"logical_key": "${key}", "physical_keys": ["s3://bench-bucket/user/pkg/${key}?versionId=${version}"], "size": ${size}, "hash": {"type": "sha2-256-chunked", "value": "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="}, "meta": ${meta}}\n`
    if (block.length < 1024 * 1024) continue
    writeSync(out, block)
    block = ''
  }
  writeSync(out, block)
  closeSync(out)
  renameSync(`${file}.tmp`, file)
  return file
}

/** Makes a registry of so many packages with three revisions each: pointers only. Made once. */
export function makeRegistry(folder: string, packages: number): string {
  const root = path.join(folder, `registry-${packages}`)
  if (existsSync(root)) return root
  for (let index = 0; index < packages; index++) {
    const pointers = path.join(
      `${root}.tmp`,
      `.quilt/named_packages/user${index % 10}/package${String(index).padStart(5, '0')}`
    )
    mkdirSync(pointers, { recursive: true })
    for (const [time, name] of ['1700000000', '1700000001', '1700000002', 'latest'].entries())
      writeFileSync(path.join(pointers, name), (index * 4 + Math.min(time, 2)).toString(16).padStart(64, '0'))
  }
  renameSync(`${root}.tmp`, root)
  return root
}

/** Writes a file of so many bytes that are not all the same. Made once. */
export function makeFile(folder: string, size: number): string {
  const file = path.join(folder, `file-${size}`)
  if (existsSync(file)) return file
  const out = openSync(`${file}.tmp`, 'w')
  const block = Buffer.alloc(1024 * 1024)
  for (let at = 0; at < size; at += block.length) {
    for (let index = 0; index < block.length; index += 4)
      block.writeUInt32LE(Math.imul(at + index, 2654435761) >>> 0, index)
    writeSync(out, block, 0, Math.min(block.length, size - at))
  }
  closeSync(out)
  renameSync(`${file}.tmp`, file)
  return file
}
