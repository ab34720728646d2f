import { isJsonArray, isJsonObject, isTruthy } from '../../json/value.ts'
import { identityOf, isNumber } from '../json-equal.ts'
import type { Keyword } from '../json-schema.ts'
import { pythonRepr } from '../python-repr.ts'
import { unexpected } from './extras.ts'
import { isOne, isZero } from './values.ts'

/** Keywords of arrays. */
export const arrayKeywords = {
  items: (items, instance, { firstError }) => {
    if (!isJsonArray(instance)) return undefined
    if (isJsonArray(items))
      return first(items.slice(0, instance.length), (schema, index) =>
        firstError(schema, instance[index] ?? null)
      )
    return first(instance, (item) => firstError(items, item))
  },
  additionalItems: (schema, instance, scope) => {
    const items = scope.schema.get('items')
    if (!isJsonArray(instance) || !isJsonArray(items)) return undefined
    const extra = instance.slice(items.length)
    if (isJsonObject(schema)) return first(extra, (item) => scope.firstError(schema, item))
    if (isTruthy(schema) || extra.length === 0) return undefined
    return `Additional items are not allowed (${unexpected(extra)} unexpected)`
  },
  contains: (schema, instance, { firstError }) =>
    !isJsonArray(instance) || instance.some((item) => firstError(schema, item) === undefined)
      ? undefined
      : `None of ${pythonRepr(instance)} are valid under the given schema`,
  minItems: (least, instance) =>
    isJsonArray(instance) && isNumber(least) && instance.length < least
      ? `${pythonRepr(instance)} ${isOne(least) ? 'should be non-empty' : 'is too short'}`
      : undefined,
  maxItems: (most, instance) =>
    isJsonArray(instance) && isNumber(most) && instance.length > most
      ? `${pythonRepr(instance)} ${isZero(most) ? 'is expected to be empty' : 'is too long'}`
      : undefined,
  uniqueItems: (unique, instance) =>
    isTruthy(unique) && isJsonArray(instance) && new Set(instance.map(identityOf)).size < instance.length
      ? `${pythonRepr(instance)} has non-unique elements`
      : undefined
} as const satisfies Record<string, Keyword>

/** What the first call that has something to say says. */
export function first<T>(
  items: Iterable<T>,
  check: (item: T, index: number) => string | undefined
): string | undefined {
  let index = 0
  for (const item of items) {
    const error = check(item, index++)
    if (error !== undefined) return error
  }
  return undefined
}
