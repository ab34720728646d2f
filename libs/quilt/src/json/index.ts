export { compareCodePoints, compareKeys } from './code-points.ts'
export { fromPlain, toPlain } from './convert.ts'
export { encodeForHash, encodeForManifest } from './encode.ts'
export { pythonEqual } from './equal.ts'
export { maxDepth, maxIntegerDigits, parseJson } from './parse.ts'
export { pythonFloat } from './python-float.ts'
export {
  emptyObject,
  isJsonArray,
  isJsonObject,
  isTruthy,
  type JsonArray,
  type JsonObject,
  type JsonValue
} from './value.ts'
