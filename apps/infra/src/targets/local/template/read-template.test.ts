import { describe, expect, test } from '@jest/globals'
import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import { template } from '../../../../test/local-workspace.ts'
import { ignoredResourceTypes, reasonIgnored } from './ignored.ts'
import { readTemplate } from './read-template.ts'
import { resourceKinds } from './resources.ts'

const image = `127.0.0.1:5000/quilt-mcp@sha256:${'a'.repeat(64)}`
const parameters = { ImageUri: image, Version: 'abcdef0', Revision: 'b'.repeat(40) }

const editable = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() })
  )
})
type Editable = z.output<typeof editable>

/** The synthesized template with one resource of a type changed. */
function changed(type: string, change: (properties: Record<string, unknown>) => void): string {
  const copy = editable.parse(JSON.parse(template))
  const resource = Object.values(copy.Resources).find(({ Type }) => Type === type)
  if (resource?.Properties === undefined) throw new TypeError(`no ${type}`)
  change(resource.Properties)
  return JSON.stringify(copy)
}

function edited(change: (template: Editable) => void): string {
  const copy = editable.parse(JSON.parse(template))
  change(copy)
  return JSON.stringify(copy)
}

/** The first container of a task definition, to be changed. */
function container(properties: Record<string, unknown>): Record<string, unknown> {
  return z
    .looseObject({ ContainerDefinitions: z.array(z.custom<Record<string, unknown>>()).min(1) })
    .transform(({ ContainerDefinitions: [first] }) => first ?? {})
    .parse(properties)
}

function refusal(text: string, values: Record<string, string> = parameters): CodedError {
  try {
    readTemplate(text, values)
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new Error('the template was accepted')
}

describe('readTemplate', () => {
  test('reads what the CDK app makes into what this machine acts on', () => {
    expect(readTemplate(template, parameters)).toMatchObject({
      image,
      tags: { Version: 'abcdef0', Revision: 'b'.repeat(40) },
      description: {
        rollout: { desiredCount: 2, minimumHealthyPercent: 100, maximumPercent: 200, graceSeconds: 30 },
        task: {
          port: 8000,
          user: '1000:1000',
          readOnly: true,
          temporaryFolders: ['/tmp'],
          memoryMiB: 1024,
          cpus: 0.5,
          stopSeconds: 60,
          health: { command: ['node', '/app/main.js', '--health'] }
        },
        balancer: {
          algorithm: 'least_outstanding_requests',
          drainSeconds: 30,
          idleSeconds: 60,
          health: { path: '/health', codes: '200', timeoutSeconds: 2 }
        },
        logRetentionDays: 30
      }
    })
  })

  test('gives a reason for everything it leaves out, and acts on the rest', () => {
    const left = resourceKinds.flatMap(({ properties }) =>
      properties instanceof z.ZodObject ? Object.values<z.ZodType>(properties.shape).map(reasonIgnored) : []
    )
    expect(left.filter((reason) => reason !== undefined && reason.length < 10)).toEqual([])
    expect(left.some((reason) => reason === undefined)).toBe(true)
    for (const reason of Object.values(ignoredResourceTypes)) expect(reason.length).toBeGreaterThan(10)
  })
})

describe('a template the local target does not know', () => {
  test('with a new property of the service is refused with the resource and the property', () => {
    const error = refusal(changed('AWS::ECS::Service', (service) => (service['EnableExecuteCommand'] = true)))
    expect(error.code).toBe('template-unknown')
    expect(error.message).toMatch(/Service\w+ \(AWS::ECS::Service\)\.EnableExecuteCommand is not known/)
    expect(error.remedy).toContain('apps/infra/src/targets/local/template')
  })

  test('with a property deep in a container is refused with its path', () => {
    const text = changed('AWS::ECS::TaskDefinition', (task) => (container(task)['Privileged'] = true))
    expect(refusal(text).message).toMatch(/ContainerDefinitions\.0\.Privileged is not known/)
  })

  test('with another resource type is refused with its id', () => {
    const text = edited(({ Resources }) => (Resources['Queue'] = { Type: 'AWS::SQS::Queue' }))
    expect(refusal(text)).toMatchObject({
      code: 'template-unknown',
      message: expect.stringContaining('Queue is of type AWS::SQS::Queue')
    })
  })

  test('names all problems at once', () => {
    const text = edited(({ Resources }) => {
      Resources['One'] = { Type: 'AWS::SQS::Queue' }
      Resources['Two'] = { Type: 'AWS::SNS::Topic' }
    })
    expect(refusal(text).message).toMatch(/One .*Two /)
  })

  test.each([
    ['AWS::ECS::TaskDefinition', 'NetworkMode', 'bridge'],
    ['AWS::ECS::TaskDefinition', 'Cpu', '1 vCPU'],
    ['AWS::ECS::Service', 'LaunchType', 'EC2'],
    ['AWS::ECS::Service', 'DesiredCount', 0],
    ['AWS::ECS::Service', 'DesiredCount', 1.5],
    ['AWS::ECS::Service', 'LoadBalancers', []],
    ['AWS::ElasticLoadBalancingV2::TargetGroup', 'Protocol', 'HTTPS'],
    ['AWS::ElasticLoadBalancingV2::TargetGroup', 'HealthCheckPath', '/health\n    user root'],
    ['AWS::ElasticLoadBalancingV2::TargetGroup', 'Matcher', { HttpCode: '200 status 500' }],
    ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'Type', 'network'],
    ['AWS::Logs::LogGroup', 'RetentionInDays', { Ref: 'AWS::NoValue' }]
  ])('with %s.%s %j is refused with the value', (type, property, value) => {
    const error = refusal(changed(type, (properties) => (properties[property] = value)))
    expect(error.code).toBe('template-unknown')
    expect(error.message).toContain(property)
  })

  test.each([
    ['Image', 'quilt-mcp:latest'],
    ['Image', { 'Fn::Sub': '${AWS::AccountId}.dkr.ecr' }],
    ['User', 'root'],
    ['Essential', false],
    ['PortMappings', []],
    ['HealthCheck', { Command: ['CMD-SHELL', 'curl localhost'] }],
    ['LinuxParameters', { Capabilities: { Add: ['SYS_ADMIN'] } }],
    ['Environment', [{ Name: 'A B', Value: 'x' }]]
  ])('with a container whose %s is %j is refused', (property, value) => {
    const text = changed('AWS::ECS::TaskDefinition', (task) => (container(task)[property] = value))
    expect(refusal(text)).toMatchObject({
      code: 'template-unknown',
      message: expect.stringContaining(`ContainerDefinitions.0.${property}`)
    })
  })

  test('with two services is refused', () => {
    const text = edited(({ Resources }) => {
      const service = Object.values(Resources).find(({ Type }) => Type === 'AWS::ECS::Service')
      if (service !== undefined) Resources['Second'] = service
    })
    expect(refusal(text).message).toContain('2 resources of type AWS::ECS::Service')
  })

  test('with no service is refused', () => {
    const text = edited((copy) => {
      copy.Resources = Object.fromEntries(
        Object.entries(copy.Resources).filter(([, { Type }]) => Type !== 'AWS::ECS::Service')
      )
    })
    expect(refusal(text).message).toContain('0 resources of type AWS::ECS::Service')
  })

  test('with a reference that leads to something else is refused', () => {
    const text = changed('AWS::ECS::Service', (service) => (service['TaskDefinition'] = { Ref: 'Nothing' }))
    expect(refusal(text).message).toContain('a reference leads to Nothing')
  })

  test('with a listener that forwards elsewhere is refused', () => {
    const text = changed('AWS::ElasticLoadBalancingV2::Listener', (listener) => {
      listener['DefaultActions'] = [{ Type: 'forward', TargetGroupArn: { Ref: 'Other' } }]
    })
    expect(refusal(text).message).toContain('forwards to another target group')
  })

  test('with a service that names another port than its task is refused', () => {
    const text = changed('AWS::ECS::TaskDefinition', (task) => {
      container(task)['PortMappings'] = [{ ContainerPort: 9000 }]
    })
    expect(refusal(text).message).toContain('server:8000, the task has server:9000')
  })

  test('with a mount of a volume that the task does not have is refused', () => {
    const text = changed('AWS::ECS::TaskDefinition', (task) => (task['Volumes'] = []))
    expect(refusal(text).message).toContain('server.MountPoints names scratch')
  })

  test('with a volume that is a folder of the host is refused', () => {
    const text = changed('AWS::ECS::TaskDefinition', (task) => {
      task['Volumes'] = [{ Name: 'scratch', Host: { SourcePath: '/' } }]
    })
    expect(refusal(text).message).toContain('Host')
  })

  test('that leaves a rollout no room is refused', () => {
    const text = changed('AWS::ECS::Service', (service) => {
      service['DeploymentConfiguration'] = {
        MaximumPercent: 100,
        MinimumHealthyPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true }
      }
    })
    expect(refusal(text).message).toContain('no room')
  })

  test('with conditions or a transform is refused', () => {
    expect(
      refusal(JSON.stringify({ ...editable.parse(JSON.parse(template)), Conditions: {} })).message
    ).toContain('the template.Conditions is not known')
  })
})

describe('a text that is no template', () => {
  test.each([
    ['', 'not JSON'],
    ['{"Resources": {', 'not JSON'],
    ['[]', 'no object Resources'],
    ['{}', 'no object Resources'],
    ['{"Resources": []}', 'no object Resources']
  ])('%j is template-invalid', (text, message) => {
    expect(refusal(text)).toMatchObject({
      code: 'template-invalid',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining('infra:synth')
    })
  })

  test('neither is one whose resource has no type', () => {
    expect(refusal('{"Parameters": {}, "Resources": {"A": {}}}').message).toContain('Resources.A.Type')
  })
})

describe('a parameter', () => {
  test('without a value is named', () => {
    expect(refusal(template, { ImageUri: image, Version: 'abcdef0' })).toMatchObject({
      code: 'template-invalid',
      message: expect.stringContaining('Revision has no value')
    })
  })

  test('with a value its pattern does not allow is named, with both', () => {
    const error = refusal(template, { ...parameters, ImageUri: 'quilt-mcp:latest' })
    expect(error.message).toMatch(/ImageUri is "quilt-mcp:latest".*sha256/)
  })

  test('that the template does not have is named', () => {
    expect(refusal(template, { ...parameters, Colour: 'red' }).message).toContain('no parameter Colour')
  })
})
