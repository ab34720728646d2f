import { preset } from '../../jest.preset.mjs'

export default preset('versioning', import.meta.dirname)
