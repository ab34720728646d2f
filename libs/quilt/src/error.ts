import { types } from 'node:util'

import { catalogue, type QuiltErrorCode } from './catalogue.ts'

/** Where it happened, as far as it is known. */
export interface ErrorPlace {
  /** Line of a manifest, from 1. */
  readonly line?: number
  /** Position in a text, in characters from 0. */
  readonly position?: number
  /** Logical key. */
  readonly key?: string
  /** File, object or address. */
  readonly where?: string
}

export interface QuiltErrorOptions extends ErrorPlace {
  /** What the reader can do about it. @default the remedy of the code */
  readonly remedy?: string
  readonly cause?: unknown
}

/**
 * The one error type of this library. `code` is stable and listed in the catalogue; the message names the value and
 * what was expected, `remedy` says what to do, the rest says where it happened.
 */
export class QuiltError extends Error {
  override readonly name = 'QuiltError'
  readonly code: QuiltErrorCode
  readonly remedy: string
  readonly line: number | undefined
  readonly position: number | undefined
  readonly key: string | undefined
  readonly where: string | undefined

  constructor(code: QuiltErrorCode, message: string, options: QuiltErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy ?? catalogue[code].remedy
    this.line = options.line
    this.position = options.position
    this.key = options.key
    this.where = options.where
  }

  /** The same error with places added that it did not know yet. */
  at(place: ErrorPlace): QuiltError {
    return new QuiltError(this.code, this.message, { ...place, ...this.toJSON(), cause: this.cause })
  }

  toJSON(): { code: QuiltErrorCode; message: string; remedy: string } & ErrorPlace {
    return {
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      ...(this.line === undefined ? {} : { line: this.line }),
      ...(this.position === undefined ? {} : { position: this.position }),
      ...(this.key === undefined ? {} : { key: this.key }),
      ...(this.where === undefined ? {} : { where: this.where })
    }
  }
}

/** Whether something thrown is a QuiltError, of that code where one is given. */
export function isQuiltError(error: unknown, code?: QuiltErrorCode): error is QuiltError {
  return error instanceof QuiltError && (code === undefined || error.code === code)
}

/** A value as text for a message: quoted, control characters escaped, cut after 200 characters. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value)
}

/** Throws QuiltError `aborted` once the signal is. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new QuiltError('aborted', 'the call was aborted', { cause: signal.reason })
}

/** The QuiltError for a failed call of the file system on `where`. What is not a system error is thrown as it is. */
export function fromSystemError(error: unknown, where: string): QuiltError {
  if (error instanceof QuiltError) return error.at({ where })
  // errors of Node itself are not of the realm that a test runs in
  if (!types.isNativeError(error) || !('code' in error) || typeof error.code !== 'string') throw error
  const options = { where, cause: error }
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new QuiltError('object-not-found', `${where} does not exist`, options)
    case 'EACCES':
    case 'EPERM':
      return new QuiltError('access-denied', `${where} may not be accessed (${error.code})`, options)
    case 'ENOSPC':
    case 'EDQUOT':
      return new QuiltError('storage-full', `no space left to write ${where}`, options)
    case 'ABORT_ERR':
      return new QuiltError('aborted', 'the call was aborted', options)
    default:
      return new QuiltError('storage-failed', `${where}: ${error.message}`, options)
  }
}
