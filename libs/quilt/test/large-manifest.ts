/** A manifest that is large enough to be scanned in a thread: `count` entries in folders of a hundred. */
export function largeManifest(count: number, sizeOf: (index: number) => number = (index) => index): Buffer {
  const lines = ['{"version": "v0", "message": "large"}\n']
  for (let index = 0; index < count; index++) {
    const key = `folder-${String(Math.floor(index / 100)).padStart(5, '0')}/file-${String(index).padStart(7, '0')}.csv`
    const meta = index % 10 === 0 ? `{"user_meta": {"Plate": "P${index}"}}` : '{}'
    lines.push(
      `{"logical_key": "${key}", "physical_keys": ["s3://bucket/${key}?versionId=v${index}"], "size": ${sizeOf(index)}, "hash": {"type": "SHA256", "value": "${'0'.repeat(64)}"}, "meta": ${meta}}\n`
    )
  }
  return Buffer.from(lines.join(''))
}
