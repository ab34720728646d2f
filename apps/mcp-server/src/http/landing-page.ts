import type { Identity } from '../identity.ts'
import type { Tool } from '../tools/tool.ts'
import { connections } from './connections.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.25rem; margin-top: 2rem } h3 { font-size: 1rem; margin-bottom: 0 } h3 + p { margin: 0 0 .5rem }
pre { padding: .75rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: .4rem; background: #8881 }
dt { font-weight: 600 } dd { margin: 0 0 .75rem } code { font-size: .9em } .small { opacity: .7; font-size: .9rem }`

/** The page a browser shows at /mcp: what the server is, how to connect a client, which tools there are. */
export function landingPage(
  { identity, tools }: { readonly identity: Identity; readonly tools: readonly Tool[] },
  url: string
): string {
  const connect = connections(url)
    .map(
      ({ client, where, text }) =>
        `<h3>${escape(client)}</h3>\n<p>${escape(where)}:</p>\n<pre>${escape(text)}</pre>`
    )
    .join('\n')
  const list = tools
    .map(({ name, title, description }) => {
      const [first = ''] = description.split(/(?<=\.)\s/)
      return `<dt>${escape(title)} <code>${escape(name)}</code></dt><dd>${escape(first)}</dd>`
    })
    .join('\n')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(identity.title)}</title>
<style>${style}
</style>
<h1>${escape(identity.title)}</h1>
<p class="small">${escape(identity.name)}, version <code title="${escape(identity.revision)}">${escape(identity.version)}</code></p>
<p>${escape(identity.description)} This address is an endpoint of the Model Context Protocol: an assistant connects to it.</p>
<h2>Connect a client</h2>
${connect}
<h2>Tools</h2>
<dl>
${list}
</dl>
</html>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
