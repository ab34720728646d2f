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
import { registryCredentials } from '@fast-mcp/containers'
import { inFolder } from '@fast-mcp/containers/stand-in'
import { requireEcrHost } from '@fast-mcp/versioning'
import { mockClient } from 'aws-sdk-client-mock'
import { stat } from 'node:fs/promises'
import type { ImageRecord } from '../container/image-record.ts'
import { ecrProbes } from '../push-test/ecr-probes.ts'
import { login } from './login.ts'
import { ecrClients, ecrImage, requireFreeTag } from './registry-account.ts'

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const digest = `sha256:${'a'.repeat(64)}`

function refusal(name: string, message = name): Error {
  return Object.assign(new Error(message), { name })
}

/** ECR with the repository in it, as the right account sees it; tests change single answers. */
function fakeEcr() {
  const clients = { ecr: new ECRClient({ region: 'eu-west-1' }), sts: new STSClient({ region: 'eu-west-1' }) }
  const ecr = mockClient(clients.ecr)
  const sts = mockClient(clients.sts)
  sts.on(GetCallerIdentityCommand).resolves({ Account: '123456789012', Arn: 'arn:me' })
  ecr.on(GetAuthorizationTokenCommand).resolves({
    authorizationData: [{ authorizationToken: Buffer.from('AWS:secret:token').toString('base64') }]
  })
  ecr.on(DescribeRepositoriesCommand).resolves({
    repositories: [
      {
        repositoryName: 'quilt-mcp',
        imageTagMutability: 'IMMUTABLE',
        imageScanningConfiguration: { scanOnPush: true }
      }
    ]
  })
  ecr.on(GetLifecyclePolicyCommand).resolves({})
  ecr.on(DescribeImagesCommand).resolves({
    imageDetails: [{ imageDigest: digest, imageSizeInBytes: 5e7, imageTags: ['abcdef0', 'deployed-abcdef0'] }]
  })
  return { clients, ecr, sts }
}

describe('login', () => {
  test('takes the region from the name of the registry', async () => {
    expect(await ecrClients(requireEcrHost(registry)).ecr.config.region()).toBe('eu-west-1')
  })

  test('leaves the token in a file of mode 600 that skopeo and podman read, and nowhere else', async () => {
    await inFolder(async (workspace) => {
      const { clients } = fakeEcr()
      const done = await login({ workspace, registry, repository: 'quilt-mcp', clients })
      expect(done).toMatchObject({ caller: 'arn:me', repository: { made: false, differs: [] } })
      const path = done?.authFile ?? ''
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(await registryCredentials(registry, path)).toEqual({ username: 'AWS', password: 'secret:token' })
    })
  })

  test('of a registry that is not ECR is none', async () => {
    expect(
      await login({ workspace: '/nowhere', registry: '127.0.0.1:5000', repository: 'quilt-mcp' })
    ).toBeUndefined()
  })

  test('makes a repository that is missing: immutable, scanned, encrypted, with a lifecycle', async () => {
    await inFolder(async (workspace) => {
      const { clients, ecr } = fakeEcr()
      ecr.on(DescribeRepositoriesCommand).rejects(refusal('RepositoryNotFoundException'))
      const done = await login({ workspace, registry, repository: 'team/mcp', clients })
      expect(done).toMatchObject({ repository: { made: true, differs: [] } })
      expect(ecr.commandCalls(CreateRepositoryCommand)[0]?.args[0].input).toEqual({
        repositoryName: 'team/mcp',
        imageTagMutability: 'IMMUTABLE',
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfiguration: { encryptionType: 'AES256' }
      })
      const policy = ecr.commandCalls(PutLifecyclePolicyCommand)[0]?.args[0].input.lifecyclePolicyText ?? ''
      expect(JSON.parse(policy)).toMatchObject({
        rules: [
          { rulePriority: 1, selection: { tagPrefixList: ['deployed-'] } },
          { rulePriority: 2, selection: { countNumber: 50 } }
        ]
      })
    })
  })

  test('gives a repository that is there a lifecycle where it has none, and says what else is not so', async () => {
    await inFolder(async (workspace) => {
      const { clients, ecr } = fakeEcr()
      const done = () => login({ workspace, registry, repository: 'quilt-mcp', clients })
      await done()
      expect(ecr.commandCalls(PutLifecyclePolicyCommand)).toEqual([])
      ecr.on(GetLifecyclePolicyCommand).rejects(refusal('LifecyclePolicyNotFoundException'))
      ecr.on(DescribeRepositoriesCommand).resolves({ repositories: [{ repositoryName: 'quilt-mcp' }] })
      expect(await done()).toMatchObject({
        repository: {
          made: false,
          differs: [
            expect.stringContaining('put-image-tag-mutability --repository-name quilt-mcp'),
            expect.stringContaining('put-image-scanning-configuration')
          ]
        }
      })
      expect(ecr.commandCalls(PutLifecyclePolicyCommand)).toHaveLength(1)
      expect(ecr.commandCalls(CreateRepositoryCommand)).toEqual([])
    })
  })

  test('without a token, or as another account, is refused', async () => {
    const { clients, ecr, sts } = fakeEcr()
    const attempt = () => login({ workspace: '/nowhere', registry, repository: 'quilt-mcp', clients })
    ecr.on(GetAuthorizationTokenCommand).resolves({})
    await expect(attempt()).rejects.toMatchObject({ code: 'registry-refused' })
    sts.on(GetCallerIdentityCommand).resolves({ Account: '999999999999' })
    await expect(attempt()).rejects.toMatchObject({ code: 'aws-account' })
  })
})

describe('an image in ECR', () => {
  test('is found by its tag, or is not there', async () => {
    const { clients, ecr } = fakeEcr()
    expect(await ecrImage(clients, 'quilt-mcp', 'abcdef0')).toMatchObject({ imageDigest: digest })
    ecr.on(DescribeImagesCommand).rejects(refusal('ImageNotFoundException'))
    expect(await ecrImage(clients, 'quilt-mcp', 'abcdef0')).toBeUndefined()
    ecr.on(DescribeImagesCommand).rejects(refusal('ServerException'))
    await expect(ecrImage(clients, 'quilt-mcp', 'abcdef0')).rejects.toThrow('ServerException')
  })

  test('keeps its tag: another digest under it is refused, the same one is fine', () => {
    expect(() => requireFreeTag(undefined, 'abcdef0', digest)).not.toThrow()
    expect(() => requireFreeTag({ imageDigest: digest }, 'abcdef0', digest)).not.toThrow()
    expect(() => requireFreeTag({ imageDigest: digest }, 'abcdef0', 'sha256:other')).toThrow(
      expect.objectContaining({ code: 'tag-taken', message: expect.stringContaining('immutable') })
    )
  })

  test('is compared with what was pushed and built', async () => {
    const { clients, ecr } = fakeEcr()
    const image: ImageRecord = {
      reference: 'quilt-mcp:abcdef0',
      revision: 'a',
      manifestDigest: digest,
      imageId: digest,
      engine: 'podman',
      buildMs: 1,
      storedSize: 5e7,
      unpackedSize: 1,
      layers: []
    }
    const credentials = { username: 'AWS', password: 'x' }
    const session = {
      clients,
      caller: 'arn:me',
      credentials,
      authFile: '',
      repository: { made: false, differs: ['tags can be moved'] }
    }
    const pushed = { reference: `${registry}/quilt-mcp:abcdef0`, digest, registry, insecure: false }
    const passes = () => Promise.resolve({ status: 'passed' as const, evidence: 'linux/amd64' })
    const found = async (record: ImageRecord) => {
      const probes = ecrProbes({ session, pushed, tag: 'abcdef0', image: record, metadata: passes })
      const signal = new AbortController().signal
      const ids = ['catalog.credentials', 'catalog.push', 'catalog.tag', 'catalog.metadata']
      return Promise.all(ids.map(async (id) => probes[id]?.({ signal })))
    }
    expect(await found(image)).toMatchObject([
      { status: 'passed' },
      { status: 'passed' },
      { status: 'passed' },
      { status: 'passed', evidence: 'linux/amd64; tags can be moved' }
    ])
    expect(await found({ ...image, manifestDigest: 'sha256:other' })).toMatchObject([
      {},
      { status: 'failed' },
      {},
      {}
    ])
    expect(await found({ ...image, storedSize: 4e7 })).toMatchObject([
      {},
      { status: 'failed', evidence: expect.stringMatching(/50\.0 MB(.|\n)*40\.0 MB/) },
      {},
      {}
    ])
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imageDigest: 'sha256:other' }] })
    expect(await found(image)).toMatchObject([{}, { status: 'failed' }, { status: 'failed' }, {}])
  })
})
