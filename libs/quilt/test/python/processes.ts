import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { fromPlain, parseJson, encodeForManifest } from '../../src/json/index.ts'
import { isJsonObject, type JsonValue } from '../../src/json/value.ts'

/** A Python program that reads and answers line by line and ends when its input does. */
class Program implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #reader: Interface
  readonly #lines: AsyncIterator<string>

  constructor(interpreter: string, script: string, environment: Readonly<Record<string, string>>) {
    const file = new URL(script, import.meta.url).pathname
    this.#child = spawn(interpreter, ['-X', 'utf8', file], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, ...environment }
    })
    this.#reader = createInterface(this.#child.stdout)
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the Python program ended')
    return value
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.stdin.end()
    await ended
    this.#reader.close()
  }
}

/** moto's S3 server in a process of its own. */
export class MotoServer implements AsyncDisposable {
  readonly #program: Program
  readonly endpoint: string

  private constructor(program: Program, port: string) {
    this.#program = program
    this.endpoint = `http://127.0.0.1:${port}`
  }

  static async start(interpreter: string): Promise<MotoServer> {
    const program = new Program(interpreter, './moto_server.py', {})
    return new MotoServer(program, await program.line())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}

/** The real Quilt client in a process of its own, with a home folder of its own. */
export class QuiltClient implements AsyncDisposable {
  readonly #program: Program

  constructor(interpreter: string, home: string, endpoint?: string) {
    this.#program = new Program(interpreter, './client.py', {
      HOME: home,
      XDG_DATA_HOME: `${home}/data`,
      QUILT_DISABLE_USAGE_METRICS: 'true',
      QUILT_DISABLE_CACHE: 'true',
      QUILT_MINIMIZE_STDOUT: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-1',
      ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint })
    })
  }

  /**
   * Does one thing of client.py, with metadata if it takes any, and returns its result without loss. Throws with the
   * client's error.
   */
  async do(
    name: string,
    parameters: Readonly<Record<string, unknown>>,
    meta?: JsonValue
  ): Promise<JsonValue> {
    const command = fromPlain({ do: name, ...parameters })
    if (isJsonObject(command) && meta !== undefined)
      this.#program.write(encodeForManifest(new Map([...command, ['meta', meta]])))
    else this.#program.write(encodeForManifest(command))
    const answer = parseJson(await this.#program.line())
    const error = isJsonObject(answer) ? answer.get('error') : undefined
    if (typeof error === 'string') throw new Error(error)
    return (isJsonObject(answer) ? answer.get('result') : undefined) ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}
