import { z } from 'zod'
import { ToolFailure } from '../../tools/tool-failure.ts'
import { visible } from '../../tools/visible.ts'
import type { CatalogConfig } from './catalog-config.ts'
import { checked, stackFetch } from './stack-fetch.ts'

export interface GraphQLQuery<S extends z.ZodType> {
  /** What is asked for, for messages. */
  readonly what: string
  readonly query: string
  readonly variables?: object
  /** What `data` has to be. */
  readonly schema: S
  readonly token: string
  readonly signal: AbortSignal
}

/** Asks the GraphQL endpoint of a stack. Throws ToolFailure; `stack-refused` where it answers with errors. */
export type GraphQL = <S extends z.ZodType>(query: GraphQLQuery<S>) => Promise<z.output<S>>

export function graphQL(catalog: () => Promise<CatalogConfig>, timeoutSeconds: number): GraphQL {
  return async ({ what, query, variables = {}, schema, token, signal }) => {
    const { registryUrl } = await catalog()
    const { errors, data } = await stackFetch({
      what,
      url: `${registryUrl}/graphql`,
      token,
      body: { query, variables },
      schema: envelope,
      signal,
      timeoutSeconds
    })
    if (errors !== undefined)
      throw new ToolFailure(
        'stack-refused',
        `the Quilt stack refused ${what}: ${visible(errors.map(({ message }) => message).join('; '))}`,
        { next: 'Correct what the reason names; if it names nothing, try again later.' }
      )
    return checked(what, data, schema)
  }
}

/** Source: GraphQL specification, "Response format". */
const envelope = z.object({
  errors: z
    .array(z.object({ message: z.string() }))
    .min(1)
    .optional(),
  data: z.unknown().optional()
})
