import { preset } from '../../jest.preset.mjs'

export default {
  ...preset('mcp-server', import.meta.dirname, { suite: 'acceptance' }),
  globalSetup: '<rootDir>/test/build-sample.ts',
  globalTeardown: '<rootDir>/test/remove-sample.ts'
}
