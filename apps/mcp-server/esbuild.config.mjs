import { builtinModules } from 'node:module'
import { rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { notices } from './src/notices/notices.ts'

/** Exports of node:http that load a whole WebSocket client when they are read. A build in which somebody imports them fails. */
const webSocketClient = new Set(['WebSocket', 'CloseEvent', 'MessageEvent'])

/**
 * Modules of Node itself, fetched when they are first used. An `import` of node:http in an ES module reads every
 * export of it, the three above among them: 60 ms of a start.
 */
const builtins = {
  name: 'builtins',
  setup(build) {
    const names = new Set(builtinModules.map((name) => name.replace(/^node:/, '')))
    build.onResolve({ filter: /^(?:node:)?[a-z0-9_]+(?:\/[a-z0-9_]+)*$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '')
      if (!path.startsWith('node:') && !names.has(name)) return undefined
      return { path: `node:${name}`, namespace: kind === 'require-call' ? 'required' : 'imported' }
    })
    build.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = ${fetched(path)}`
    }))
    // each export on its own and marked pure, so that those nobody imports leave no trace
    build.onLoad({ filter: /.*/, namespace: 'imported' }, ({ path }) => {
      const exported = Object.keys(process.getBuiltinModule(path)).filter(
        (name) => name !== 'default' && !webSocketClient.has(name)
      )
      const lines = exported.map((name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})()`)
      return { contents: [`const builtin = ${fetched(path)}`, 'export default builtin', ...lines].join('\n') }
    })
  }
}

function fetched(path) {
  return `process.getBuiltinModule(${JSON.stringify(path)})`
}

/** Data that dependencies carry and the server never uses, 400 KB of text that every start would have to parse. */
const unused = {
  name: 'unused',
  setup(build) {
    // zod's messages in all languages but English
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'"
    }))
    // content types by file extension; koa looks up no other than these
    build.onLoad({ filter: /\/mime-db\/db\.json$/ }, () => ({
      contents: JSON.stringify({
        'application/json': { compressible: true, charset: 'UTF-8', extensions: ['json'] },
        'text/html': { compressible: true, extensions: ['html'] },
        'text/plain': { compressible: true, extensions: ['txt', 'text'] }
      }),
      loader: 'json'
    }))
  }
}

// dependencies in CommonJS call require, which an ES module does not have
const banner = {
  js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);"
}

const built = new URL('../../dist/apps/mcp-server/', import.meta.url)
const chunks = new URL('chunks/', built)

/** Takes away the chunks of builds before, whose names were others. */
const noOldChunks = {
  name: 'no-old-chunks',
  setup(build) {
    build.onStart(() => rm(chunks, { recursive: true, force: true }))
  }
}

/** The program of the threads that scan manifests, which libs/quilt looks for beside the chunk that it is bundled into. */
const worker = {
  name: 'worker',
  setup(build) {
    build.onEnd(async ({ errors }) => {
      if (errors.length > 0) return
      const { metafile } = await build.esbuild.build({
        entryPoints: [fileURLToPath(new URL('../../libs/quilt/src/worker/main.ts', import.meta.url))],
        outfile: fileURLToPath(new URL('quilt-worker.js', chunks)),
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node24',
        format: 'esm',
        legalComments: 'none',
        metafile: true,
        banner
      })
      bundled.push(...Object.keys(metafile.inputs))
    })
  }
}

/** Files that went into a bundle. */
const bundled = []

/** The notices of what is bundled and of the sample's data, which their licences ask to be passed on. */
const thirdParty = {
  name: 'third-party',
  setup(build) {
    build.initialOptions.metafile = true
    build.onEnd(async ({ errors, metafile }) => {
      if (errors.length > 0) return
      const files = [...bundled, ...Object.keys(metafile.inputs), 'node_modules/vega-datasets/package.json']
      const root = fileURLToPath(new URL('../..', import.meta.url))
      await writeFile(new URL('THIRD-PARTY-NOTICES.txt', built), await notices(root, files))
    })
  }
}

export default {
  // what a start does not need, it does not parse: a sixth of its time
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  plugins: [noOldChunks, builtins, unused, worker, thirdParty],
  banner
}
