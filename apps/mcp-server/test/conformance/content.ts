/** One red pixel. */
export const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

/** A WAV file without samples. */
export const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='

export interface Message {
  readonly role: 'user'
  readonly content: object
}

export const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value })
export const image = { type: 'image', data: png, mimeType: 'image/png' }
export const user = (content: object): Message => ({ role: 'user', content })
