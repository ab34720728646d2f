/** Values of the template's parameters, by name. */
export type Parameters = Readonly<Record<string, string>>

/**
 * A template value with its `Ref`s to parameters and its `Fn::Join`s of text replaced by their values, at any depth.
 * Every other intrinsic function stays as it is, for the reader's schemas to refuse or to leave out.
 */
export function resolveIntrinsics(value: unknown, parameters: Parameters): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveIntrinsics(item, parameters))
  if (!isObject(value)) return value
  const resolved = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveIntrinsics(item, parameters)])
  )
  const [key, ...more] = Object.keys(resolved)
  if (more.length > 0) return resolved
  if (key === 'Ref') return parameterValue(resolved['Ref'], parameters) ?? resolved
  if (key === 'Fn::Join') return joined(resolved['Fn::Join']) ?? resolved
  return resolved
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parameterValue(name: unknown, parameters: Parameters): string | undefined {
  return typeof name === 'string' && Object.hasOwn(parameters, name) ? parameters[name] : undefined
}

// Source: CloudFormation user guide, "Fn::Join": [delimiter, [values]].
function joined(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [delimiter, parts]: readonly unknown[] = value
  if (typeof delimiter !== 'string' || !Array.isArray(parts)) return undefined
  return parts.every((part) => typeof part === 'string') ? parts.join(delimiter) : undefined
}
