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

/** The rows as a Markdown table: two lines of head, then a line each. */
export function table(rows: readonly Row[]): string {
  return [
    '| step | quilt3 | aim | here | times faster |',
    '|---|---|---|---|---|',
    ...rows.map(({ title, aim, ours, quilt3 }) => {
      const factor = quilt3 === undefined ? '' : (quilt3.milliseconds / ours.milliseconds).toFixed(1)
      return `| ${title} | ${quilt3 === undefined ? '' : cell(quilt3)} | ${aim} | ${cell(ours)} | ${factor} |`
    })
  ].join('\n')
}

function cell({ milliseconds, mebibytes }: Cell): string {
  const time =
    milliseconds < 1000 ? `${milliseconds.toPrecision(2)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
  return `${milliseconds >= 100 && milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : time}, ${mebibytes.toFixed(0)} MiB`
}
