/** Media types of data that packages often hold, by file name extension in lower case. */
const types: ReadonlyMap<string, string> = new Map([
  ['txt', 'text/plain'],
  ['log', 'text/plain'],
  ['md', 'text/markdown'],
  ['rst', 'text/x-rst'],
  ['csv', 'text/csv'],
  ['tsv', 'text/tab-separated-values'],
  ['html', 'text/html'],
  ['htm', 'text/html'],
  ['css', 'text/css'],
  ['js', 'text/javascript'],
  ['py', 'text/x-python'],
  ['r', 'text/x-r'],
  ['fasta', 'text/x-fasta'],
  ['fa', 'text/x-fasta'],
  ['vcf', 'text/x-vcf'],
  ['json', 'application/json'],
  ['jsonl', 'application/jsonl'],
  ['ndjson', 'application/jsonl'],
  ['geojson', 'application/geo+json'],
  ['ipynb', 'application/x-ipynb+json'],
  ['yaml', 'application/yaml'],
  ['yml', 'application/yaml'],
  ['xml', 'application/xml'],
  ['pdf', 'application/pdf'],
  ['parquet', 'application/vnd.apache.parquet'],
  ['arrow', 'application/vnd.apache.arrow.file'],
  ['feather', 'application/vnd.apache.arrow.file'],
  ['gz', 'application/gzip'],
  ['zip', 'application/zip'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['svg', 'image/svg+xml'],
  ['tif', 'image/tiff'],
  ['tiff', 'image/tiff'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['m4a', 'audio/mp4'],
  ['mp4', 'video/mp4']
])

/** Images that clients can show to a model. */
const shownImages: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** The media type that a file name says; `application/octet-stream` where it says none. */
export function mediaType(name: string): string {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return types.get(extension) ?? 'application/octet-stream'
}

/** How a file of that media type goes to a client as a whole: as an image, as audio, or as neither. */
export function mediaKind(type: string): 'image' | 'audio' | 'other' {
  if (shownImages.has(type)) return 'image'
  return type.startsWith('audio/') ? 'audio' : 'other'
}
