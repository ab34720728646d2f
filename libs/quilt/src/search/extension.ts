/** The extension of the last part of a key as the summaries of folders count it: in lower case, without the dot, `''` for none. */
export function extensionOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  if (dot <= 0) return ''
  const extension = name.slice(dot + 1)
  return Buffer.byteLength(extension) > maxExtensionBytes ? '' : extension.toLowerCase()
}

/** Longer ones are parts of names. */
const maxExtensionBytes = 16
