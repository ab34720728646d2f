interface Side {
  readonly result?: string
  readonly error?: string
  readonly contents: readonly string[]
}

/**
 * Replaces what differs by chance between two runs by names in the order in which it is first seen: the ids of versions,
 * and the top hashes of packages that were checked with a workflow, since the version of the configuration is hashed.
 */
export class VersionNames {
  readonly #versions = new Map<string, string>()
  readonly #hashes = new Map<string, string>()

  side(step: string, side: Side): Side {
    const dependsOnVersions = step.startsWith('workflow: ')
    const rename = (text: string): string => {
      const renamed = text.replace(/(?<=versionId=)[0-9a-f-]{36}/g, (id) => nameOf(this.#versions, id, 'v'))
      return renamed.replace(/\b[0-9a-f]{64}\b/g, (hash) =>
        dependsOnVersions ? nameOf(this.#hashes, hash, 'hash') : (this.#hashes.get(hash) ?? hash)
      )
    }
    return {
      ...(side.result === undefined ? {} : { result: rename(side.result) }),
      ...(side.error === undefined ? {} : { error: rename(side.error) }),
      contents: side.contents.map(rename).sort()
    }
  }
}

function nameOf(names: Map<string, string>, found: string, kind: string): string {
  const name = names.get(found) ?? `${kind}${String(names.size + 1)}`
  names.set(found, name)
  return name
}
