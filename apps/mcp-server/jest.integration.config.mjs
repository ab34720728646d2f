import { preset } from '../../jest.preset.mjs'

export default {
  ...preset('mcp-server', import.meta.dirname, { suite: 'integration' }),
  // Nothing here is held to a time that a second file at work could spoil.
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/build-sample.ts',
  globalTeardown: '<rootDir>/test/remove-sample.ts'
}
