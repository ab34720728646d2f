import { preset } from '../../jest.preset.mjs'

export default preset('mcp-server', import.meta.dirname, { integration: true })
