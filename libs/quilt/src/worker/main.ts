import { parentPort } from 'node:worker_threads'
import { requestSchema } from './protocol.ts'
import { respond } from './respond.ts'

const port = parentPort
port?.on('message', (message: unknown) => {
  const { response, transfer } = respond(requestSchema.parse(message))
  port.postMessage(response, transfer)
})
