import { z } from 'zod'
import { isSafeAddress, type StackConfig } from './stack-variables.ts'
import { stackFetch } from './stack-fetch.ts'

const schema = z.object({
  registryUrl: z
    .string()
    .refine(isSafeAddress, 'expected an https address')
    .transform((text) => text.replace(/\/+$/, '')),
  region: z.string().min(1).default('us-east-1')
})

/** What a catalog says of its stack. */
export interface CatalogConfig {
  /** Where the API is, without a slash at the end. */
  readonly registryUrl: string
  /** AWS region of the stack. */
  readonly region: string
}

/** How long what a catalog said is believed. */
const seconds = 600

/** Reads `config.json` of the catalog when it is first needed, and again after ten minutes. A failure is not remembered. */
export function catalogConfig(
  { catalogUrl, timeoutSeconds }: StackConfig,
  now: () => number = Date.now
): () => Promise<CatalogConfig> {
  let known: { readonly config: Promise<CatalogConfig>; readonly until: number } | undefined
  return () => {
    if (known !== undefined && now() < known.until) return known.config
    const config = stackFetch({
      what: 'its configuration (config.json)',
      url: `${catalogUrl}/config.json`,
      token: undefined,
      schema,
      // shared by all who wait, so no one of them may end it
      signal: new AbortController().signal,
      timeoutSeconds
    })
    const asked = { config, until: now() + seconds * 1000 }
    known = asked
    config.catch(() => {
      if (known === asked) known = undefined
    })
    return config
  }
}
