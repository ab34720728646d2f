import { expect, test } from '@jest/globals'
import { checkPackageName } from './names.ts'

test('a wrong name stands in the message as it is, and a very long one cut', () => {
  expect(() => {
    checkPackageName('a b')
  }).toThrow('Invalid package name: a b.')
  expect(() => {
    checkPackageName('x'.repeat(1_000_000))
  }).toThrow(new RegExp(`^Invalid package name: x{200}….$`))
})
