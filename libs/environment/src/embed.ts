/**
 * The text with everything between `<!-- name -->` and `<!-- /name -->` replaced by `content`, on lines of its own.
 * Throws an Error where the two marks are not there, each once and in that order.
 */
export function embed(text: string, name: string, content: string): string {
  const [before, rest, ...more] = text.split(`<!-- ${name} -->`)
  const [, after, ...again] = rest?.split(`<!-- /${name} -->`) ?? []
  if (before === undefined || after === undefined || more.length > 0 || again.length > 0)
    throw new Error(`expected <!-- ${name} --> and <!-- /${name} -->, each once`)
  return `${before}<!-- ${name} -->\n\n${content.trim()}\n\n<!-- /${name} -->${after}`
}
