import { build, type Metafile } from 'esbuild'
import { globSync } from 'node:fs'
import { isAbsolute } from 'node:path'

/** What each file imports at run time, by paths relative to the workspace. Imports of types alone do not count. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** The TypeScript sources of a workspace: the `src` folders of apps, libs and tools. */
export function sourceFiles(workspace: string): readonly string[] {
  return globSync(['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts', 'tools/src/**/*.ts'], {
    cwd: workspace
  }).sort()
}

/**
 * Who imports whom, as esbuild resolves it: across projects by package name too, dynamic imports included, packages
 * from outside the workspace left out. Throws esbuild's error, which names file and line, for an import that leads
 * nowhere.
 */
export async function importGraph(workspace: string, files: readonly string[]): Promise<ImportGraph> {
  const { metafile } = await build({
    absWorkingDir: workspace,
    entryPoints: [...files],
    outdir: 'unused',
    write: false,
    bundle: true,
    splitting: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
    plugins: [
      {
        name: 'other packages',
        setup: (builder) => {
          builder.onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@fast-mcp/') || isAbsolute(path)
              ? undefined
              : { path, external: true }
          )
        }
      }
    ]
  })
  return graphOf(metafile)
}

function graphOf(metafile: Metafile): ImportGraph {
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      file,
      imports.filter((one) => one.external !== true).map((one) => one.path)
    ])
  )
}
