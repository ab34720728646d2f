/** Folders that files are sorted into by what their name says they hold. */
const folders: readonly (readonly [folder: string, extensions: readonly string[]])[] = [
  [
    'data',
    [
      'csv',
      'tsv',
      'json',
      'jsonl',
      'ndjson',
      'geojson',
      'parquet',
      'arrow',
      'feather',
      'h5',
      'h5ad',
      'hdf5',
      'nc',
      'zarr',
      'xlsx',
      'xls',
      'db',
      'sqlite',
      'npy',
      'npz',
      'fasta',
      'fa',
      'fastq',
      'fq',
      'vcf',
      'bam',
      'bed',
      'gz',
      'zip'
    ]
  ],
  ['images', ['png', 'jpg', 'jpeg', 'gif', 'webp', 'svg', 'tif', 'tiff', 'czi', 'bmp']],
  ['documents', ['md', 'rst', 'txt', 'pdf', 'html', 'htm', 'doc', 'docx', 'ppt', 'pptx']],
  ['code', ['py', 'r', 'jl', 'sh', 'js', 'ts', 'sql', 'ipynb', 'c', 'cpp', 'h', 'java', 'rs', 'go', 'm']],
  ['settings', ['yaml', 'yml', 'toml', 'ini', 'cfg', 'xml']]
]

/** Files that catalogs look for at the root of a package. */
const rootFiles: ReadonlySet<string> = new Set(['README.md', 'quilt_summarize.json', 'LICENSE'])

/** The path of a file in a package whose files are sorted by type: its own path below the folder of its type. */
export function organizedPath(path: string): string {
  if (rootFiles.has(path)) return path
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const folder = folders.find(([, extensions]) => extensions.includes(extension))?.[0] ?? 'other'
  return path.startsWith(`${folder}/`) ? path : `${folder}/${path}`
}
