import { describe, expect, test } from '@jest/globals'
import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  PutLifecyclePolicyCommand
} from '@aws-sdk/client-ecr'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { CodedError } from '@fast-mcp/errors'
import { mockClient } from 'aws-sdk-client-mock'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saidByRegistry, statementOf } from './ecr-refusal.ts'
import { login } from './login.ts'
import { ecrImage, type EcrClients } from './registry-account.ts'

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

function refusal(name: string, message = name): Error {
  return Object.assign(new Error(message), { name })
}

/** Clients of an account without the repository: every call of a first push is made. */
function emptyAccount() {
  const clients: EcrClients = {
    ecr: new ECRClient({ region: 'eu-west-1' }),
    sts: new STSClient({ region: 'eu-west-1' })
  }
  const ecr = mockClient(clients.ecr)
  const sts = mockClient(clients.sts)
  sts.on(GetCallerIdentityCommand).resolves({ Account: '123456789012', Arn: 'arn:me' })
  const authorizationToken = Buffer.from('AWS:token').toString('base64')
  ecr.on(GetAuthorizationTokenCommand).resolves({ authorizationData: [{ authorizationToken }] })
  ecr.on(DescribeRepositoriesCommand).rejects(refusal('RepositoryNotFoundException'))
  ecr.on(CreateRepositoryCommand).resolves({})
  ecr.on(PutLifecyclePolicyCommand).resolves({})
  return { clients, ecr, sts }
}

type Account = ReturnType<typeof emptyAccount>

const calls: Readonly<Record<string, (account: Account, error: Error) => void>> = {
  'sts:GetCallerIdentity': ({ sts }, error) => sts.on(GetCallerIdentityCommand).rejects(error),
  'ecr:GetAuthorizationToken': ({ ecr }, error) => ecr.on(GetAuthorizationTokenCommand).rejects(error),
  'ecr:DescribeRepositories': ({ ecr }, error) => ecr.on(DescribeRepositoriesCommand).rejects(error),
  'ecr:CreateRepository': ({ ecr }, error) => ecr.on(CreateRepositoryCommand).rejects(error),
  'ecr:GetLifecyclePolicy': ({ ecr }, error) => {
    ecr.on(DescribeRepositoriesCommand).resolves({ repositories: [{}] })
    ecr.on(GetLifecyclePolicyCommand).rejects(error)
  },
  'ecr:PutLifecyclePolicy': ({ ecr }, error) => ecr.on(PutLifecyclePolicyCommand).rejects(error),
  'ecr:DescribeImages': ({ ecr }, error) => ecr.on(DescribeImagesCommand).rejects(error)
}

const refusals = [
  ['AccessDeniedException', 'aws-denied', /do not allow ACTION/],
  ['ExpiredTokenException', 'aws-credentials', /have expired/],
  ['CredentialsProviderError', 'aws-credentials', /no AWS credentials/],
  ['ThrottlingException', 'aws-unavailable', /slow down/],
  ['TimeoutError', 'aws-unavailable', /does not answer/]
] as const

describe.each(Object.entries(calls))('%s', (action, refuse) => {
  test.each(refusals)('that ends in %s says what it means', async (name, code, said) => {
    const account = emptyAccount()
    const denied = name === 'AccessDeniedException'
    refuse(account, refusal(name, denied ? `User: me is not authorized to perform: ${action}` : name))
    const asking = async () => {
      await login({
        workspace: join(import.meta.dirname, 'nowhere\0'),
        registry,
        repository: 'x',
        clients: account.clients
      })
    }
    const looking = async () => ecrImage(account.clients, 'x', 'abcdef0')
    await expect(action === 'ecr:DescribeImages' ? looking() : asking()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(said.source.replace('ACTION', action))),
      ...(denied ? { remedy: expect.stringContaining(`statement ${statementOf(action)} `) } : {})
    })
  })
})

describe('what the registry says about a push', () => {
  const said = (evidence: string) =>
    saidByRegistry(() =>
      Promise.reject(
        new CodedError('registry-refused', 'skopeo copy failed', { evidence, remedy: 'Check it.' })
      )
    )

  test.each([
    [
      'denied: User: me is not authorized to perform: ecr:InitiateLayerUpload on resource: x',
      'aws-denied',
      /ecr:InitiateLayerUpload/
    ],
    [
      'denied: Your authorization token has expired. Reauthenticate and try again.',
      'aws-credentials',
      /expired/
    ],
    ['toomanyrequests: Rate exceeded', 'aws-unavailable', /slow down/],
    ['manifest unknown', 'registry-refused', /skopeo/]
  ])('%s', async (evidence, code, message) => {
    await expect(said(evidence)).rejects.toMatchObject({
      code,
      evidence,
      message: expect.stringMatching(message)
    })
  })

  test('that is no refusal stays what it is', async () => {
    await expect(saidByRegistry(() => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError)
  })
})

test('a statement that is named is the one of docs/iam.md', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../docs/iam.md'), 'utf8')
  const [catalog = ''] = text.split('## Phase deploy')
  for (const action of Object.keys(calls))
    expect(catalog).toMatch(new RegExp(`\\| ${statementOf(action)} \\|[^|]*\`${action}\``))
})
