/** A resource template. Source: MCP, schema, ResourceTemplate; RFC 6570 for uriTemplate. */
export interface ResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType?: string
}

const places = [
  { scheme: 's3', root: 'quilt+s3://{bucket}', where: 'an S3 bucket' },
  { scheme: 'file', root: 'quilt+file://{+folder}', where: 'a local folder, given as an absolute path' }
] as const

/** The addresses of packages and their files, in buckets and in folders. The bytes of a file are given by its content type: text or blob. */
export const resourceTemplates: readonly ResourceTemplate[] = places.flatMap(({ scheme, root, where }) => [
  {
    uriTemplate: `${root}#package={+package}`,
    name: `${scheme}-package`,
    title: 'Package',
    description: `Summary, README and quilt_summarize.json of the latest revision of a package in ${where}.`
  },
  {
    uriTemplate: `${root}#package={+package}@{revision}`,
    name: `${scheme}-package-revision`,
    title: 'Revision of a package',
    description: `The same of the revision with a top hash, or its first 6 or more digits, in ${where}.`
  },
  {
    uriTemplate: `${root}#package={+package}&path={+path}`,
    name: `${scheme}-entry`,
    title: 'File of a package',
    description: `A file of the latest revision of a package in ${where}, or with / at the end what is in a folder. For a part of a file add &offset= and &length=, in bytes.`
  },
  {
    uriTemplate: `${root}#package={+package}@{revision}&path={+path}`,
    name: `${scheme}-entry-revision`,
    title: 'File of a revision',
    description: `The same of one revision of a package in ${where}.`
  }
])
