import { z } from 'zod'

/** The host name of a catalog as an argument. */
export const catalogArgument = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i)
  .optional()
  .describe('Catalog host')
