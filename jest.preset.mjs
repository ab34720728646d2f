import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * The jest configuration of one project.
 * @param {string} project name of the project, which names its folder of results
 * @param {string} directory the project's folder
 * @param {{ suite?: 'integration' | 'acceptance' }} options suite: run `*.<suite>.test.ts` and nothing else, without coverage
 */
export function preset(project, directory, { suite } = {}) {
  // jest writes its results there and does not make the folder
  mkdirSync(`${root}dist/test/${project}${suite === undefined ? '' : `-${suite}`}`, { recursive: true })
  return {
    displayName: suite === undefined ? project : `${project} ${suite}`,
    rootDir: directory,
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: {
      '^.+\\.ts$': [
        '@swc/jest',
        {
          jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
          module: { type: 'es6' },
          sourceMaps: true
        }
      ]
    },
    testMatch: [suite === undefined ? '**/*.test.ts' : `**/*.${suite}.test.ts`],
    testPathIgnorePatterns: [
      '/node_modules/',
      ...(suite === undefined ? ['\\.(?:integration|acceptance)\\.test\\.ts$'] : [])
    ],
    testTimeout: suite === undefined ? 20_000 : 120_000,
    // Collecting coverage takes a look at every script that a process ever ran, and a process runs each file's modules
    // anew: one that goes on for long spends most of its time there. Slow suites time things and go one by one.
    ...(suite === undefined ? { maxWorkers: '100%', workerIdleMemoryLimit: '170MB' } : { maxWorkers: 1 }),
    coverageProvider: 'v8',
    coverageDirectory: `${root}dist/test/${project}/coverage`,
    coverageReporters: ['json-summary', 'text-summary'],
    collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/main.ts'],
    coverageThreshold: { global: { lines: 85, statements: 85, functions: 85, branches: 80 } }
  }
}
