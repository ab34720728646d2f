import type { ImportGraph } from './import-graph.ts'

/**
 * One cycle for each group of files that reach each other: the files on the way, beginning with the one that comes
 * first by name, in the order in which each imports the next and the last the first. A file that imports itself is one.
 */
export function findCycles(graph: ImportGraph): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = []
  const covered = new Set<string>()
  for (const start of [...graph.keys()].sort()) {
    if (covered.has(start)) continue
    const cycle = shortestWayBack(graph, start)
    if (cycle === undefined) continue
    cycles.push(cycle)
    for (const file of cycle) covered.add(file)
  }
  return cycles
}

/** A cycle as one line: `a -> b -> a`. */
export function formatCycle(cycle: readonly string[]): string {
  return [...cycle, cycle[0]].join(' -> ')
}

/** Breadth first, so the way is as short as it can be. */
function shortestWayBack(graph: ImportGraph, start: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  let frontier: readonly string[] = [start]
  while (frontier.length > 0) {
    const next: string[] = []
    for (const file of frontier)
      for (const imported of graph.get(file) ?? []) {
        if (imported === start) return wayTo(file, start, cameFrom)
        if (cameFrom.has(imported)) continue
        cameFrom.set(imported, file)
        next.push(imported)
      }
    frontier = next
  }
  return undefined
}

function wayTo(file: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way: string[] = []
  for (let at: string | undefined = file; at !== undefined && at !== start; at = cameFrom.get(at))
    way.unshift(at)
  return [start, ...way]
}
