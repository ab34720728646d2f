import { inRegistry, packageArgument, quoted, registryArgument, type Prompt } from './prompt.ts'

export const compareRevisions: Prompt = {
  name: 'compare_revisions',
  title: 'Compare two revisions',
  description: 'What changed in a package from one revision to another.',
  arguments: [
    packageArgument,
    {
      name: 'from',
      title: 'From',
      description: 'The older revision: a tag or a top hash; without it the one before latest',
      required: false
    },
    {
      name: 'to',
      title: 'To',
      description: 'The newer revision: a tag or a top hash; without it latest',
      required: false
    },
    registryArgument
  ],
  text: (argument) => {
    const [from, to] = [argument('from'), argument('to')]
    const older = from === undefined ? 'the revision before the newer one' : `revision ${quoted(from)}`
    const newer = to === undefined ? 'the latest revision' : `revision ${quoted(to)}`
    return `Compare ${older} with ${newer} of the Quilt package ${quoted(argument('package') ?? '')} ${inRegistry(argument('registry'))}.

1. Call package_versions to find both top hashes and their times, then package_diff for what was added, modified and deleted.
2. Call package_inspect for both, to compare messages and metadata.
3. For up to five modified text files read the beginning of both versions with object_read (revision = the top hash), and say what differs in content.
4. Write a summary for someone who uses this data: what changed, whether anything that worked could stop working, and what is unclear.

Name both top hashes.`
  }
}
