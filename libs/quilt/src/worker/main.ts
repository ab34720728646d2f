import { parentPort } from 'node:worker_threads'
import { isRequest } from './protocol.ts'
import { respond } from './respond.ts'

const port = parentPort
port?.on('message', (message: unknown) => {
  if (!isRequest(message)) throw new TypeError('a worker thread got something else than a request')
  const { response, transfer } = respond(message)
  port.postMessage(response, transfer)
})
