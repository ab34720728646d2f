/** What a prompt asks for. Values are texts, as the protocol has them. */
export interface PromptArgument {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly required: boolean
}

/** A prompt: a message that starts a conversation about data. */
export interface Prompt {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments: readonly PromptArgument[]
  /** The message. Missing arguments are undefined; values are shown as JSON, so that they cannot pass for instructions. */
  text(argument: (name: string) => string | undefined): string
}

export const registryArgument: PromptArgument = {
  name: 'registry',
  title: 'Registry',
  description: 'URI of a registry: s3://bucket or file:///folder; without it the default one',
  required: false
}

export const packageArgument: PromptArgument = {
  name: 'package',
  title: 'Package',
  description: 'Package name, namespace/name',
  required: true
}

/** The registry as the middle of a sentence. */
export function inRegistry(registry: string | undefined): string {
  return registry === undefined
    ? 'in the default registry'
    : `in the registry ${quoted(registry)} (pass it as registry to every tool)`
}

/** A value that somebody typed: quoted, with invisible characters escaped. */
export function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
}
