import type { z } from 'zod'
import { fixed, method, type Method } from './method.ts'
import { plainPage, type PlainPage } from './plain-request.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

/** A list of one page that never changes, its JSON made once. It never gave a cursor, so any cursor is a wrong one. */
export function fixedList(schema: z.ZodType<PlainPage>, key: string, items: readonly object[]): Method {
  const answer = fixed({ [key]: items })
  return method(
    schema,
    ({ params }) => {
      if (params?.cursor !== undefined)
        throw new ProtocolError(
          errorCodes.invalidParams,
          'Invalid params: no page of this list has that cursor'
        )
      return answer
    },
    plainPage
  )
}
