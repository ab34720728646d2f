/** Upper bounds in seconds: those of OpenTelemetry's conventions for MCP, and finer ones below, where this server is at home. */
export const durationBounds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120,
  300
]

export interface Counter {
  /** Adds one under these values of its labels, which are few: nothing that a client makes up. */
  add(...values: readonly string[]): void
}

export interface Histogram {
  observe(seconds: number, ...values: readonly string[]): void
}

/** The server's figures, kept in memory and written as text when somebody asks. */
export interface Metrics {
  counter(name: string, help: string, labels: readonly string[]): Counter
  histogram(name: string, help: string, labels: readonly string[]): Histogram
  gauge(name: string, help: string, read: () => number): void
  /** All of them. Source: Prometheus, "Exposition formats", text format 0.0.4. */
  text(): string
}

export function createMetrics(): Metrics {
  const families: (() => string)[] = []
  const head = (name: string, help: string, type: string): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  return {
    counter: (name, help, labels) => {
      const series = new Map<string, { readonly labels: string; count: number }>()
      families.push(
        () =>
          head(name, help, 'counter') +
          [...series.values()].map((one) => `${name}${one.labels} ${String(one.count)}\n`).join('')
      )
      return {
        add: (...values) => {
          const key = values.join('\n')
          const found = series.get(key)
          if (found === undefined) series.set(key, { labels: labelText(labels, values), count: 1 })
          else found.count++
        }
      }
    },
    histogram: (name, help, labels) => {
      const series = new Map<string, HistogramSeries>()
      families.push(
        () => head(name, help, 'histogram') + [...series.values()].map((one) => one.text(name)).join('')
      )
      return {
        observe: (seconds, ...values) => {
          const key = values.join('\n')
          let found = series.get(key)
          if (found === undefined) {
            found = new HistogramSeries(labels, values)
            series.set(key, found)
          }
          found.add(seconds)
        }
      }
    },
    gauge: (name, help, read) => {
      families.push(() => `${head(name, help, 'gauge')}${name} ${String(read())}\n`)
    },
    text: () => families.map((family) => family()).join('')
  }
}

class HistogramSeries {
  readonly #counts = new Float64Array(durationBounds.length + 1)
  readonly #labels: readonly string[]
  readonly #values: readonly string[]
  #sum = 0

  constructor(labels: readonly string[], values: readonly string[]) {
    this.#labels = labels
    this.#values = values
  }

  add(seconds: number): void {
    let index = 0
    while (index < durationBounds.length && seconds > (durationBounds[index] ?? Infinity)) index++
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += seconds
  }

  text(name: string): string {
    const labels = [...this.#labels, 'le']
    let total = 0
    const buckets = [...this.#counts].map((count, index) => {
      total += count
      const bound = String(durationBounds[index] ?? '+Inf')
      return `${name}_bucket${labelText(labels, [...this.#values, bound])} ${String(total)}\n`
    })
    const own = labelText(this.#labels, this.#values)
    return `${buckets.join('')}${name}_sum${own} ${String(this.#sum)}\n${name}_count${own} ${String(total)}\n`
  }
}

/** Labels without a value are left out. */
function labelText(names: readonly string[], values: readonly string[]): string {
  const pairs = names.flatMap((name, index) => {
    const value = values[index] ?? ''
    return value === '' ? [] : [`${name}="${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`]
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
