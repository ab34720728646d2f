import { describe, expect, test } from '@jest/globals'
import { credentialFile, secretsIn, secretsInContent, secretVariables } from './secrets.ts'

// Put together here, so that this file holds none.
const body = 'MIIEpAIBAAKCAQEA' + 'a1B2c3D4'.repeat(8)
const key = (kind: string) => `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n`
const secrets: readonly (readonly [string, string])[] = [
  ['a private key', key('')],
  ['a private key', key('RSA ')],
  ['a private key', key('OPENSSH ')],
  ['a private key', key('EC ').replaceAll('\n', '\\n')],
  [
    'a private key',
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AA\n\n${body}`
  ],
  ['an AWS access key', `id = AKIA${'ABCD2345'.repeat(2)}`],
  ['an AWS access key', `ASIA${'QRST6723'.repeat(2)}`],
  ['an AWS secret access key', `aws_secret_access_key = ${'a/B+'.repeat(10)}`],
  ['an AWS secret access key', `"AWSSecretAccessKey": "x"; AWS_SECRET_ACCESS_KEY=${'aBc4'.repeat(10)}`],
  ['a GitHub token', `ghp_${'a1B2'.repeat(9)}`],
  ['a GitHub token', `github_pat_${'a1B2_'.repeat(14)}`],
  ['an npm token', `npm_${'a1B2'.repeat(9)}`],
  ['a Slack token', `xoxb-1234567890-${'a1B2'.repeat(6)}`],
  ['a Google API key', `AIza${'a1B2-'.repeat(7)}`],
  ['a signed token', `eyJ${'a1B2'.repeat(6)}.eyJ${'c3D4'.repeat(8)}.${'e5F6'.repeat(10)}`],
  ['a password for a registry', `//registry.example/:_authToken=${'a1B2'.repeat(6)}`]
]

const harmless = [
  "if (pem.startsWith('-----BEGIN PRIVATE KEY-----')) return parse(pem)",
  '-----BEGIN PUBLIC KEY-----\n' + body,
  '-----BEGIN CERTIFICATE-----\n' + body,
  'AKIAIOSFODNN7EXAMPLE',
  'aws_secret_access_key = wJalr...',
  'npm_config_registry, ghp_short, xoxb-',
  'eyJhbGciOi.short.token',
  'process.env.GITHUB_TOKEN'
]

async function* chunks(text: string, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size), 'latin1')
}

describe('secrets', () => {
  test.each(secrets)('%s is found', (what, text) => {
    expect(secretsIn(`some text ${text} and more`)).toContain(what)
  })

  test.each(harmless)('what only speaks of one is none: %s', (text) => {
    expect(secretsIn(text)).toEqual([])
  })

  test('one that lies across two chunks of a binary file is found', async () => {
    const filler = '\u0000ÿ'.repeat(5000)
    const text = `${filler}${secrets[9]?.[1] ?? ''}${filler}${key('')}${filler}`
    for (const size of [7, 1000, 10_017])
      expect([...(await secretsInContent(chunks(text, size)))].sort()).toEqual([
        'a GitHub token',
        'a private key'
      ])
    expect(await secretsInContent(chunks(filler, 1000))).toEqual([])
  })

  test.each([
    '.env',
    'app/.env.production',
    'root/.aws/credentials',
    'home/x/.ssh/id_ed25519',
    'a/b.p12',
    '.git/config'
  ])('%s is a file for credentials', (path) => {
    expect(credentialFile(path)).toMatch(/^a file for credentials/)
  })

  test.each(['app/main.js', 'environment', 'app/sample/data.env.csv', 'etc/ssl/certs/ca-certificates.crt'])(
    '%s is not',
    (path) => {
      expect(credentialFile(path)).toBeUndefined()
    }
  )

  test('variables are told by name and by value', () => {
    const environment = {
      PATH: '/bin',
      NODE_ENV: 'production',
      API_TOKEN: 'x',
      DB_PASSWORD: '',
      HARMLESS: secrets[9]?.[1] ?? ''
    }
    expect(secretVariables(environment)).toEqual(['API_TOKEN', 'HARMLESS'])
  })
})
