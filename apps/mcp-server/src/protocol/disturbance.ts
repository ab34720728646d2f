/** How texts of the SDK begin, and what the log calls them: their rest is often all that the client sent. */
const kinds: readonly (readonly [beginning: string, kind: string])[] = [
  ['Received a response for an unknown', 'unknown-response'],
  ['Received a progress notification', 'unknown-progress'],
  ['Unknown message type', 'unknown-message'],
  ['Uncaught error in notification', 'notification-failed'],
  ['Failed to send', 'not-sent'],
  ['No connection established', 'not-connected'],
  ['Bad Request', 'bad-request'],
  ['Rejected inbound request', 'rejected'],
  ['Unsupported protocol version', 'unsupported-version'],
  ['Not Acceptable', 'not-acceptable'],
  ['Conflict', 'conflict']
]

/** What the log says of an error that the SDK reports: a word of ours and never the text. */
export function kindOfDisturbance(error: unknown): string {
  if (!(error instanceof Error)) return 'other'
  return kinds.find(([beginning]) => error.message.startsWith(beginning))?.[1] ?? 'other'
}
