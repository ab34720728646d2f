import { describe, expect, test } from '@jest/globals'
import { formatImageReference, parseImageReference, parseRegistry } from './image-reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const local = { registry: undefined, repository: 'quilt-mcp', tag: '1a2b3c4', digest: undefined }

describe('an image reference', () => {
  test.each([
    ['quilt-mcp:1a2b3c4', local],
    ['quilt-mcp:1a2b3c4-dirty', { ...local, tag: '1a2b3c4-dirty' }],
    ['127.0.0.1:5000/quilt-mcp:1a2b3c4', { ...local, registry: '127.0.0.1:5000' }],
    ['localhost/quilt-mcp:1a2b3c4', { ...local, registry: 'localhost' }],
    ['[::1]:5000/quilt-mcp:1a2b3c4', { ...local, registry: '[::1]:5000' }],
    [`quilt-mcp@${digest}`, { ...local, tag: undefined, digest }],
    [`quilt-mcp:1a2b3c4@${digest}`, { ...local, digest }],
    ['team/quilt-mcp:1', { ...local, repository: 'team/quilt-mcp', tag: '1' }],
    [
      '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/quilt__mcp.a--b:v1.0_X',
      {
        ...local,
        registry: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
        repository: 'team/quilt__mcp.a--b',
        tag: 'v1.0_X'
      }
    ]
  ])('%s is taken apart and put together again', (text, parts) => {
    expect(parseImageReference(text)).toEqual(parts)
    expect(formatImageReference(parts)).toBe(text)
  })

  test.each([
    ['', 'repository'],
    ['quilt-mcp', 'reference'],
    ['quilt-mcp:', 'tag'],
    ['quilt-mcp:-1', 'tag'],
    ['quilt-mcp:.1', 'tag'],
    ['quilt-mcp:a b', 'tag'],
    [`quilt-mcp:${'x'.repeat(129)}`, 'tag'],
    ['Quilt-MCP:1', 'repository'],
    ['quilt--:1', 'repository'],
    ['-quilt:1', 'repository'],
    ['quilt___mcp:1', 'repository'],
    ['a//b:1', 'repository'],
    ['/quilt-mcp:1', 'repository'],
    ['quilt-mcp/:1', 'repository'],
    [`${'a'.repeat(256)}:1`, 'repository'],
    ['quilt-mcp@sha256:abc', 'digest'],
    [`quilt-mcp@${digest.toUpperCase()}`, 'digest'],
    [`quilt-mcp@sha512:${'0'.repeat(128)}`, 'digest'],
    [`quilt-mcp@${digest}@${digest}`, 'reference'],
    ['https://host.example/quilt-mcp:1', 'registry'],
    ['host.example:0x50/quilt-mcp:1', 'registry'],
    ['ho_st.example/quilt-mcp:1', 'registry']
  ])('%p is refused for its %s', (text, part) => {
    expect(() => parseImageReference(text)).toThrow(
      expect.objectContaining({
        code: 'invalid-reference',
        exitCode: 2,
        message: expect.stringMatching(new RegExp(` is not a valid image ${part}; expected `))
      })
    )
  })

  test.each([
    [{ ...local, tag: undefined }, 'a tag or a digest'],
    [{ ...local, tag: 'a/b' }, 'up to 128'],
    [{ ...local, registry: 'https://host' }, 'without https'],
    [{ ...local, digest: 'sha256:' }, '64 lower-case']
  ])('cannot be put together from %p', (parts, message) => {
    expect(() => formatImageReference(parts)).toThrow(message)
  })
})

describe('a registry', () => {
  test.each([
    'localhost',
    '127.0.0.1:5000',
    '[::1]:5000',
    '[2001:db8::1]',
    'registry.example.org',
    'a-b.c:65535'
  ])('%s is one', (host) => {
    expect(parseRegistry(host)).toBe(host)
  })

  test.each([
    '',
    'https://registry.example.org',
    'registry.example.org/',
    'registry.example.org/team',
    'registry.example.org:',
    'registry.example.org:65536',
    'registry.example.org:123456',
    '-a.example',
    'a-.example',
    'a..b',
    '.a',
    'a b',
    'user@host',
    '::1',
    'host\n'
  ])('%p is none', (host) => {
    expect(() => parseRegistry(host)).toThrow(expect.objectContaining({ code: 'invalid-reference' }))
  })
})
