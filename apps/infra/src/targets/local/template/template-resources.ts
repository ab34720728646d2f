import type { z } from 'zod'
import { ignoredResourceTypes } from './ignored.ts'
import { resolveIntrinsics, type Parameters } from './intrinsics.ts'
import { describeIssues, unknown } from './problems.ts'
import { resourceKinds, type ResourceKind } from './resources.ts'

/** A resource as the template has it. */
export interface RawResource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
}

export interface FoundResource<P> {
  /** Logical id. */
  readonly id: string
  readonly properties: P
}

/**
 * The resources of a template. Every one is of a kind the local target acts on, with properties it understands, or of
 * a type it deliberately leaves out; anything else is `template-unknown`, all problems in one error.
 */
export class TemplateResources {
  readonly #found: ReadonlyMap<string, { readonly type: string; readonly properties: unknown }>

  constructor(resources: Readonly<Record<string, RawResource>>, parameters: Parameters) {
    const problems: string[] = []
    const found = new Map<string, { type: string; properties: unknown }>()
    for (const [id, { Type: type, Properties }] of Object.entries(resources)) {
      if (Object.hasOwn(ignoredResourceTypes, type)) continue
      const kind = resourceKinds.find((candidate) => candidate.type === type)
      if (kind === undefined) {
        problems.push(`${id} is of type ${type}`)
        continue
      }
      const properties = resolveIntrinsics(Properties, parameters)
      const result = kind.properties.safeParse(properties)
      if (result.success) found.set(id, { type, properties })
      else problems.push(...describeIssues(`${id} (${type})`, properties, result.error))
    }
    if (problems.length > 0) throw unknown(problems)
    this.#found = found
  }

  /** The resource of that kind with that logical id. */
  get<S extends z.ZodType>({ type, properties }: ResourceKind<S>, id: string): FoundResource<z.output<S>> {
    const found = this.#found.get(id)
    if (found?.type !== type) throw unknown([`a reference leads to ${id}, which is no ${type}`])
    return { id, properties: properties.parse(found.properties) }
  }

  /** The one resource of that kind. */
  only<S extends z.ZodType>(kind: ResourceKind<S>): FoundResource<z.output<S>> {
    const ids = [...this.#found].filter(([, { type }]) => type === kind.type).map(([id]) => id)
    const [id, ...more] = ids
    if (id === undefined || more.length > 0)
      throw unknown([`there are ${ids.length} resources of type ${kind.type} where one is expected`])
    return this.get(kind, id)
  }
}
