export interface Row {
  readonly title: string
  readonly aim: string
  readonly ours: Cell
  readonly quilt3: Cell | undefined
}

interface Cell {
  readonly milliseconds: number
  readonly mebibytes: number
}

/**
 * The rows as a Markdown table: two lines of head, then a line each.
 *
 * @param slower how many times slower than the aims' machine this one was; undefined where quilt3 was not run
 */
export function table(rows: readonly Row[], slower?: number): string {
  return [
    '| step | quilt3 | here | times faster | aim | here, at the speed of the aims |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ title, aim, ours, quilt3 }) => {
      const factor = quilt3 === undefined ? '' : (quilt3.milliseconds / ours.milliseconds).toFixed(1)
      const scaled = slower === undefined ? '' : time(ours.milliseconds / slower)
      return `| ${title} | ${quilt3 === undefined ? '' : cell(quilt3)} | ${cell(ours)} | ${factor} | ${aim} | ${scaled} |`
    })
  ].join('\n')
}

function cell({ milliseconds, mebibytes }: Cell): string {
  return `${time(milliseconds)}, ${mebibytes.toFixed(0)} MiB`
}

function time(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`
  return `${milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(2)} ms`
}
