import { mkdirSync } from 'node:fs'
import { preset } from '../../jest.preset.mjs'

// jest writes its results here and does not make the folder
mkdirSync(new URL('../../dist/test/containers-integration', import.meta.url), { recursive: true })

export default preset('containers', import.meta.dirname, { integration: true })
