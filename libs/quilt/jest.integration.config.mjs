import { preset } from '../../jest.preset.mjs'

export default preset('quilt', import.meta.dirname, { suite: 'integration' })
