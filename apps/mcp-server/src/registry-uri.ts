/** A registry's URI in its one spelling: `s3://bucket` or `file:///folder` without a slash at the end. */
export type RegistryUri = string

const bucketPattern = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/

/**
 * The one spelling of a registry's URI, or undefined where the text is none: `s3://` and a bucket without a path, or
 * `file:///` and an absolute folder. Source: quilt3, backends/base.py.
 */
export function registryUri(text: string): RegistryUri | undefined {
  const bucket = bucketPattern.exec(text)?.[1]
  if (bucket !== undefined) return `s3://${bucket}`
  if (!text.startsWith('file:///') || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.search !== '' || url.hash !== '' || url.pathname === '/') return undefined
  return `file://${url.pathname.replace(/\/+$/, '')}`
}
