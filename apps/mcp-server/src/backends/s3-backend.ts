import type { RegistrySetting } from '../registry-setting.ts'
import type { Backend } from './backend.ts'

/** Buckets that are reached with the server's own credentials, or with none. All callers share them. */
export function s3Backend(settings: readonly RegistrySetting[]): Backend {
  return {
    name: 's3',
    catalogUrl: undefined,
    buckets: () => Promise.resolve(settings.map(({ uri }) => ({ name: uri.slice('s3://'.length), uri }))),
    authStatus: async ({ signal }) => {
      const signed = settings.find(({ access }) => access?.anonymous !== true)
      if (signed === undefined) return { authenticated: false, identity: undefined, method: 'anonymous' }
      const { awsIdentity } = await import('./aws-identity.ts')
      return await awsIdentity(signed.access, signal)
    }
  }
}
