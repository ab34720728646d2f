// Imports the files that its parent sends and answers with those that fail. A process of its own, so that the modules
// are fresh and nothing they leave open keeps the parent waiting.
import { pathToFileURL } from 'node:url'
import { z } from 'zod'

process.once('message', (message: unknown) => {
  const files = z.array(z.string()).parse(message)
  void Promise.all(
    files.map(async (file) => {
      try {
        await import(pathToFileURL(file).href)
        return []
      } catch (error) {
        return [`${file}: ${error instanceof Error ? error.message : String(error)}`]
      }
    })
  ).then((failures) => process.send?.(failures.flat(), () => process.exit(0)))
})
