// @peculiar/x509 needs it, loaded first.
import 'reflect-metadata'
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

/**
 * A new certificate authority, good for ten years. It can only vouch for this machine's own names: a name constraint
 * limits it to localhost and the loopback addresses, so trusting it endangers nothing else.
 */
export async function issueAuthority(name: string, now: Date): Promise<KeyPair> {
  cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }, { O: ['Fast MCP Server'] }],
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 3650 * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      new Extension(nameConstraints, true, loopbackOnly())
    ]
  })
  return pair(certificate, keys.privateKey)
}

/** A new certificate for the names, 127.0.0.1 and ::1, good for `days`. */
export async function issueLeaf(
  authority: KeyPair,
  names: readonly string[],
  days: number,
  now: Date
): Promise<KeyPair> {
  cryptoProvider.set(webcrypto)
  const issuer = new X509Certificate(authority.certificate)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [names[0] ?? ''] }],
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + days * day),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' }
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer)
    ]
  })
  return pair(certificate, keys.privateKey)
}

async function pair(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<KeyPair> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  return {
    certificate: `${certificate.toString('pem').trim()}\n`,
    key: createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
      .export({ format: 'pem', type: 'pkcs8' })
      .toString()
  }
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' })
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

/** 16 random bytes, hexadecimal, positive. Source: RFC 5280 section 4.1.2.2. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

// Source: RFC 5280 section 4.2.1.10: permittedSubtrees [0] of GeneralName dNSName [2] and iPAddress [7], address and mask.
const nameConstraints = '2.5.29.30'

function loopbackOnly(): Uint8Array {
  const ipv6Loopback = Buffer.alloc(16)
  ipv6Loopback[15] = 1
  const permitted = [
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.from([127, 0, 0, 1, 255, 255, 255, 255])),
    der(0x87, Buffer.concat([ipv6Loopback, Buffer.alloc(16, 0xff)]))
  ].map((name) => der(0x30, name))
  return der(0x30, der(0xa0, Buffer.concat(permitted)))
}

/** Tag, length (below 128) and value. Source: ITU-T X.690. */
function der(tag: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, value.length]), value])
}
