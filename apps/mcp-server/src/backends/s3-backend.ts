import type { RegistrySetting } from '../registry-setting.ts'
import { awsIdentity } from './aws-identity.ts'
import type { Backend } from './backend.ts'

/** Buckets that are reached with the server's own credentials, or with none. All callers share them. */
export function s3Backend(settings: readonly RegistrySetting[]): Backend {
  return {
    name: 's3',
    catalogUrl: undefined,
    buckets: () => Promise.resolve(settings.map(({ uri }) => ({ name: uri.slice('s3://'.length), uri }))),
    authStatus: async ({ signal }) => {
      const signed = settings.find(({ access }) => access?.anonymous !== true)
      return signed === undefined
        ? { authenticated: false, identity: undefined, method: 'anonymous' }
        : await awsIdentity(signed.access, signal)
    }
  }
}
