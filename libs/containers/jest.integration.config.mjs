import { preset } from '../../jest.preset.mjs'

export default preset('containers', import.meta.dirname, { suite: 'integration' })
