import { preset } from '../../jest.preset.mjs'

export default preset('errors', import.meta.dirname)
