import nx from '@nx/eslint-plugin'
import { parser } from 'typescript-eslint'

/** Which project may import which: arrows point one way, apps and tools -> libs (docs/architecture.md). */
const boundaries = [
  ['type:app', ['type:lib']],
  ['type:tool', ['type:lib']],
  ['lib:validation', ['lib:versioning', 'lib:environment', 'lib:errors']],
  ['lib:containers', ['lib:versioning', 'lib:errors']],
  ['lib:versioning', ['lib:errors']],
  ['lib:environment', ['lib:errors']],
  ['lib:errors', []],
  ['lib:quilt', []]
].map(([sourceTag, onlyDependOnLibsWithTags]) => ({ sourceTag, onlyDependOnLibsWithTags }))

// One rule: it knows the projects of the workspace. All others are oxlint's, a native program that reads types faster.
export default [
  { ignores: ['**/dist', '**/node_modules', '**/fixtures', '**/golden'] },
  {
    files: ['**/*.ts'],
    languageOptions: { parser },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: boundaries }
      ]
    }
  }
]
