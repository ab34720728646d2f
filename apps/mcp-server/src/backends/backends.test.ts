import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { testContext } from '../../test/context.ts'
import { registrySetting, type RegistrySetting } from '../registry-setting.ts'
import { localBackend } from './local-backend.ts'
import { s3Backend } from './s3-backend.ts'

const context = testContext()

function settings(...texts: readonly string[]): readonly RegistrySetting[] {
  return texts.flatMap((text) => registrySetting(text) ?? [])
}

test('the local backend has folders and needs no credentials', async () => {
  const local = localBackend(['file:///data/my%20lab'])
  expect(await local.buckets(context)).toEqual([{ name: 'my lab', uri: 'file:///data/my%20lab' }])
  expect(await local.authStatus(context)).toMatchObject({ authenticated: true, identity: undefined })
})

describe('the S3 backend', () => {
  const variables = [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_ENDPOINT_URL_STS',
    'AWS_EC2_METADATA_DISABLED',
    'HOME'
  ]
  const before = new Map(variables.map((name) => [name, process.env[name]]))
  /** AWS's Security Token Service, as far as it is asked. */
  let sts: Server
  let answer: { readonly status: number; readonly body: string }

  beforeEach(async () => {
    sts = createServer((_, response) => {
      response.writeHead(answer.status, { 'Content-Type': 'text/xml' }).end(answer.body)
    }).listen(0, '127.0.0.1')
    await once(sts, 'listening')
    const address = sts.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    process.env['AWS_ENDPOINT_URL_STS'] = `http://127.0.0.1:${String(address.port)}`
    process.env['AWS_ACCESS_KEY_ID'] = 'KEY'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
    answer = {
      status: 200,
      body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>'
    }
  })
  afterEach(() => {
    sts.closeAllConnections()
    sts.close()
    for (const [name, value] of before)
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
  })

  test('has the buckets of the configuration', async () => {
    expect(await s3Backend(settings('s3://one', 's3://two?readonly')).buckets(context)).toEqual([
      { name: 'one', uri: 's3://one' },
      { name: 'two', uri: 's3://two' }
    ])
  })

  test('says as whom it signs', async () => {
    expect(await s3Backend(settings('s3://open?anonymous', 's3://one')).authStatus(context)).toEqual({
      authenticated: true,
      identity: 'arn:aws:iam::1:user/x',
      method: 'AWS default credentials'
    })
  })

  test('is anonymous where nothing is signed', async () => {
    expect(await s3Backend(settings('s3://open?anonymous')).authStatus(context)).toMatchObject({
      authenticated: false,
      method: 'anonymous'
    })
  })

  test('names the key where AWS does not know it, and why', async () => {
    answer = {
      status: 403,
      body: '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>It has expired</Message></Error></ErrorResponse>'
    }
    expect(await s3Backend(settings('s3://one')).authStatus(context)).toMatchObject({
      authenticated: false,
      identity: 'KEY',
      problem: expect.stringContaining('It has expired')
    })
  })

  test('does not ask AWS about the key of another server', async () => {
    expect(await s3Backend(settings('s3://one?endpoint=http://127.0.0.1:9')).authStatus(context)).toEqual({
      authenticated: true,
      identity: 'KEY',
      method: 'AWS default credentials at http://127.0.0.1:9'
    })
  })

  test('says why there are no credentials', async () => {
    Reflect.deleteProperty(process.env, 'AWS_ACCESS_KEY_ID')
    Reflect.deleteProperty(process.env, 'AWS_SECRET_ACCESS_KEY')
    expect(await s3Backend(settings('s3://one?profile=no-such-profile')).authStatus(context)).toMatchObject({
      authenticated: false,
      identity: undefined,
      method: 'AWS profile no-such-profile',
      problem: expect.stringContaining('CredentialsProviderError')
    })
  })
})
