import { describe, expect, test } from '@jest/globals'
import { resolveIntrinsics } from './intrinsics.ts'

const parameters = { Version: 'abc' }

describe('resolveIntrinsics', () => {
  test.each([
    [{ Ref: 'Version' }, 'abc'],
    [{ Ref: 'Cluster' }, { Ref: 'Cluster' }],
    [{ Ref: 'toString' }, { Ref: 'toString' }],
    [{ 'Fn::Join': ['-', ['v', { Ref: 'Version' }]] }, 'v-abc'],
    [{ 'Fn::Join': ['-', ['v', { Ref: 'Cluster' }]] }, { 'Fn::Join': ['-', ['v', { Ref: 'Cluster' }]] }],
    [{ 'Fn::Join': 'x' }, { 'Fn::Join': 'x' }],
    [{ 'Fn::Join': [1, []] }, { 'Fn::Join': [1, []] }],
    [{ 'Fn::GetAtt': ['A', 'B'] }, { 'Fn::GetAtt': ['A', 'B'] }],
    [
      { a: [{ Ref: 'Version' }], b: 1, c: null },
      { a: ['abc'], b: 1, c: null }
    ]
  ])('makes %j %j', (value, expected) => {
    expect(resolveIntrinsics(value, parameters)).toEqual(expected)
  })
})
