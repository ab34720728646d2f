import { preset } from '../../jest.preset.mjs'

export default preset('infra', import.meta.dirname, { suite: 'integration' })
