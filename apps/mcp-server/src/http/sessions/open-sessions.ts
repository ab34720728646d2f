import type { Sessions, SessionsOptions } from './sessions.ts'

/** The sessions that a configuration asks for; undefined where every message is answered by itself, and nothing is loaded. */
export async function openSessions(
  options: Omit<SessionsOptions, 'sessionMode'> & { readonly sessionMode: 'off' | 'auto' | 'on' }
): Promise<Sessions | undefined> {
  const { sessionMode } = options
  if (sessionMode === 'off') return undefined
  const { Sessions } = await import('./sessions.ts')
  return new Sessions({ ...options, sessionMode })
}
