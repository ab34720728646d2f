import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

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

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '.nx', '.local', '**/fixtures', '**/golden'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: boundaries }
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' }
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-empty': 'error'
    }
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts', 'tools/**/*.ts', 'apps/infra/**/*.ts'],
    rules: { 'no-console': 'off' }
  }
)
