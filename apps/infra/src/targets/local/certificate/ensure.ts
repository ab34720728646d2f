import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readIfThere } from '../../../read-if-there.ts'
import type { DeploymentPaths } from '../deployment-paths.ts'
import type { KeyPair } from './issue.ts'

export interface CertificateReport {
  /** The authority's certificate is another than before: clients that trusted the old one must trust this one. */
  readonly newAuthority: boolean
  readonly newLeaf: boolean
  /** End of the endpoint's certificate. */
  readonly notAfter: Date
}

// Apple's platforms refuse certificates of more than 398 days, whoever issued them.
const leafDays = 397
const renewalMs = 30 * 86_400_000

/**
 * Makes sure that there is a certificate authority and, issued by it, a certificate for localhost with at least 30
 * days to go. What is missing, damaged, does not fit together or is near its end is made anew; the rest is kept.
 */
export async function ensureCertificate(
  paths: Pick<DeploymentPaths, 'authority' | 'authorityKey' | 'leaf'>,
  workspaceName: string,
  now = new Date()
): Promise<CertificateReport> {
  const [certificate, key, leaf] = await Promise.all(
    [paths.authority, paths.authorityKey, paths.leaf].map(readIfThere)
  )
  const kept = certificate !== undefined && key !== undefined ? usable(certificate, key, now) : undefined
  const keptLeaf = leaf !== undefined && kept !== undefined ? usable(leaf, leaf, now) : undefined
  if (kept !== undefined && keptLeaf?.checkIssued(kept) === true && keptLeaf.verify(kept.publicKey))
    return { newAuthority: false, newLeaf: false, notAfter: keptLeaf.validToDate }

  // Issuing needs a library that takes 150 ms to load; checking does not.
  const { issueAuthority, issueLeaf } = await import('./issue.ts')
  let authority: KeyPair
  if (kept !== undefined && certificate !== undefined && key !== undefined) authority = { certificate, key }
  else {
    authority = await issueAuthority(authorityName(workspaceName), now)
    await writePrivate(paths.authorityKey, authority.key)
    await writePrivate(paths.authority, authority.certificate)
  }
  const issued = await issueLeaf(authority, ['localhost'], leafDays, now)
  await writePrivate(paths.leaf, `${issued.certificate}${issued.key}`)
  return {
    newAuthority: kept === undefined,
    newLeaf: true,
    notAfter: new X509Certificate(issued.certificate).validToDate
  }
}

/** A common name has at most 64 characters. Source: RFC 5280 appendix A.1, ub-common-name. */
function authorityName(workspaceName: string): string {
  return `Fast MCP Server in ${workspaceName.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')}`.slice(0, 64)
}

/** The certificate in a PEM text, if it can be read, the key belongs to it, and it is good for another 30 days. */
function usable(pem: string, keyPem: string, now: Date): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const fits = certificate.checkPrivateKey(createPrivateKey(keyPem))
    const begun = certificate.validFromDate.getTime() <= now.getTime()
    return fits && begun && certificate.validToDate.getTime() - now.getTime() > renewalMs
      ? certificate
      : undefined
  } catch {
    // Whatever is wrong with the text, it cannot be used and is replaced.
    return undefined
  }
}

/** Writes a file that only its owner may read: aside, then renamed. */
async function writePrivate(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(aside, content, { mode: 0o600, flush: true })
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}
