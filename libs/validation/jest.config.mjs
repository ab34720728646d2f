import { preset } from '../../jest.preset.mjs'

export default preset('validation', import.meta.dirname)
