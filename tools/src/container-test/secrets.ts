import { basename } from 'node:path'

/** What a secret looks like. Each pattern asks for the value itself: code and documentation only mention them. */
const patterns: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'a private key',
    pattern:
      /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\r|\\n)+(?:[\w-]+: [^\n]+\s+)*[A-Za-z0-9+/=]{40}/
  },
  // Keys that end in EXAMPLE are those of AWS documentation.
  { what: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{9}(?![A-Z2-7]{0,2}EXAMPLE)[A-Z2-7]{7}\b/ },
  {
    what: 'an AWS secret access key',
    pattern: /aws_?secret_?access_?key["']?\s*[=:]\s*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i
  },
  { what: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})/ },
  { what: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { what: 'a Slack token', pattern: /\bxox[abprs]-\d{8,}-[A-Za-z0-9-]{16,}/ },
  { what: 'a Google API key', pattern: /\bAIza[\w-]{35}(?![\w-])/ },
  {
    what: 'a signed token',
    pattern: /\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}/
  },
  { what: 'a password for a registry', pattern: /_(?:authToken|password)\s*=\s*["']?[A-Za-z0-9+/=_-]{16,}/ }
]

const all = new RegExp(patterns.map(({ pattern }) => `(?:${pattern.source})`).join('|'), 'i')

const credentialFiles =
  /(?:^|\/)(?:\.env(?:\..+)?|\.netrc|\.git-credentials|\.pypirc|\.htpasswd|id_(?:rsa|dsa|ecdsa|ed25519)|\.aws\/credentials|\.docker\/config\.json|\.git\/config|.+\.(?:p12|pfx|jks|kdbx))$/

/** Longest stretch of text that a pattern has to see at once. */
const overlap = 4096

/** Whether a file is one that holds credentials, by its path: what it is, else undefined. */
export function credentialFile(path: string): string | undefined {
  return credentialFiles.test(path) ? `a file for credentials (${basename(path)})` : undefined
}

/** What kinds of secrets a text holds. */
export function secretsIn(text: string): readonly string[] {
  // One pass for the usual case, that there is none.
  if (!all.test(text)) return []
  return patterns.filter(({ pattern }) => pattern.test(text)).map(({ what }) => what)
}

/** As `secretsIn` for bytes of any length, read as Latin-1 so that binary files are searched too. */
export async function secretsInContent(content: AsyncIterable<Buffer>): Promise<readonly string[]> {
  const found = new Set<string>()
  let tail = ''
  for await (const chunk of content) {
    const text = tail + chunk.toString('latin1')
    for (const what of secretsIn(text)) found.add(what)
    tail = text.slice(-overlap)
  }
  return [...found]
}

/** Names of variables that are set to what looks like a secret, by name or by value. */
export function secretVariables(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment)
    .filter(
      ([name, value]) =>
        (value !== '' && /SECRET|TOKEN|PASSW(?:OR)?D|API_?KEY|PRIVATE_?KEY|CREDENTIAL/i.test(name)) ||
        secretsIn(`${name}=${value}`).length > 0
    )
    .map(([name]) => name)
}
