import { z } from 'zod'
import { readOnly, tool } from './tool.ts'
import { visible } from './visible.ts'

export const authStatus = tool({
  name: 'auth_status',
  title: 'Show who you are',
  description: 'As whom data is read and written. Use it when access is denied.',
  toolset: 'catalog',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({}),
  output: z.strictObject({
    scopes: z.array(z.string()).describe('read, write'),
    backends: z
      .array(
        z.strictObject({
          name: z.string().describe('local, s3 or stack'),
          authenticated: z.boolean().describe('There are credentials, or none are needed'),
          method: z.string().describe('Where the credentials come from'),
          identity: z.string().optional().describe('As whom requests are made'),
          expires_at: z.string().optional().describe('ISO 8601'),
          problem: z.string().optional().describe('Why there are no credentials')
        })
      )
      .describe('{name, authenticated, method, identity, expires_at, problem}')
  }),
  examples: [{}],
  handle: async (_, context) => {
    const backends = await Promise.all(
      context.services.backends.map(async (backend) => {
        const { authenticated, method, identity, expiresAt, problem } = await backend.authStatus(context)
        return {
          name: backend.name,
          authenticated,
          method,
          ...(identity === undefined ? {} : { identity }),
          ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
          ...(problem === undefined ? {} : { problem })
        }
      })
    )
    return {
      structured: { scopes: [...context.principal.scopes].sort(), backends },
      line: backends.map(({ name, identity, method }) => `${name}: ${visible(identity ?? method)}`).join('; ')
    }
  }
})
