import { z } from 'zod'
import { isLoopback } from '../loopback.ts'

/** An address whose traffic nobody on the way can read: https, or http on this machine. */
export const safeUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => text.startsWith('https://') || isLoopback(new URL(text).hostname))
