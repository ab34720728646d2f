import { QuiltError, quoted } from '../error.ts'

const maxWords = 20
const maxLength = 1000

/**
 * The words of a search; none for an empty text. What holds no letter and no digit is left out.
 *
 * Throws QuiltError `invalid-search` where nothing is left, or for more than 20 words or 1,000 characters.
 */
export function searchWords(text: string): readonly string[] {
  if (text.length > maxLength)
    throw new QuiltError('invalid-search', `the text to search for has ${text.length} characters`, {
      remedy: `Search for at most ${maxLength} characters.`
    })
  const parts = text
    .toWellFormed()
    .split(/[\s\0]+/u)
    .filter((part) => part !== '')
  const words = parts.filter((part) => /[\p{L}\p{N}]/u.test(part))
  if (words.length === 0 && parts.length > 0)
    throw new QuiltError('invalid-search', `${quoted(text)} holds no letter and no digit to search for`, {
      remedy: 'Search for words, or search the keys of one package for any text.'
    })
  if (words.length > maxWords)
    throw new QuiltError('invalid-search', `the text to search for has ${words.length} words`, {
      remedy: `Search for at most ${maxWords} words.`
    })
  return words
}
