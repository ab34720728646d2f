import { expect, test } from '@jest/globals'
import { echo } from '../../../test/tools.ts'
import { localPrincipal } from '../../principal.ts'
import { anonymousPrincipal } from './authenticate.ts'
import { challenges } from './challenge.ts'
import { requireScope } from './require-scope.ts'

const writing = { ...echo, name: 'package_patch', scope: 'write' as const }
const check = requireScope([echo, writing], challenges({ kind: 'stack' }))
const call = (name: unknown) => ({ method: 'tools/call', params: { name } })

test.each(['package_patch', 'package_update'])('%s needs the scope to write', (name) => {
  expect(() => check(call(name), anonymousPrincipal)).toThrow(
    expect.objectContaining({
      status: 403,
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="quilt:read quilt:write"' }
    })
  )
  check(call(name), localPrincipal)
})

test.each([
  call('echo'),
  call('no_such_tool'),
  call(7),
  { method: 'tools/list' },
  [],
  null,
  'text',
  { method: 'tools/call' }
])('%j does not', (message) => {
  check(message, anonymousPrincipal)
})
