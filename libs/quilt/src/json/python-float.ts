/**
 * A float as Python's `repr` prints it: the shortest digits that read back as the same value, `1.0` with its `.0`,
 * exponents below -4 and from 16 on in the form `1e-05`, `1.5e+16`; `NaN`, `Infinity` and `-Infinity` as Python's
 * json module writes them. JavaScript finds the same digits; only the form differs.
 */
export function pythonFloat(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-4 && magnitude < 1e16) {
    const text = String(value)
    return Number.isInteger(value) ? `${text}.0` : text
  }
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (!Number.isFinite(value)) return String(value)
  const text = value.toExponential()
  // Python writes at least two digits of exponent
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}
