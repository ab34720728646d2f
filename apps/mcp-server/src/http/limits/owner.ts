import type { IncomingMessage } from 'node:http'
import { localPrincipal, type Principal } from '../../principal.ts'
import { anonymousPrincipal } from '../authentication/authenticate.ts'
import { clientAddress } from './client-address.ts'

/** Whom what lasts counts for: the principal, or where nobody says who they are the address; undefined for this machine's own. */
export function ownerOf(request: IncomingMessage, principal: Principal, hops: number): string | undefined {
  if (principal !== localPrincipal && principal !== anonymousPrincipal) return principal.id
  const address = clientAddress(request, hops)
  return address === undefined ? undefined : `address ${address}`
}
