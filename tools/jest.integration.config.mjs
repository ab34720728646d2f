import { mkdirSync } from 'node:fs'
import { preset } from '../jest.preset.mjs'

// jest writes its results here and does not make the folder
mkdirSync(new URL('../dist/test/tools-integration', import.meta.url), { recursive: true })

export default preset('tools', import.meta.dirname, { integration: true })
