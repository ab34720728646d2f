import { inRegistry, quoted, registryArgument, type Prompt } from './prompt.ts'

export const exploreRegistry: Prompt = {
  name: 'explore_registry',
  title: 'Explore a registry',
  description: 'Get to know what data a registry holds.',
  arguments: [
    registryArgument,
    {
      name: 'topic',
      title: 'Topic',
      description: 'What you are interested in; without it everything',
      required: false
    }
  ],
  text: (argument) => {
    const topic = argument('topic')
    return `Help me get to know the Quilt packages ${inRegistry(argument('registry'))}${topic === undefined ? '' : `, as far as they have to do with ${quoted(topic)}`}.

1. Call packages_list${topic === undefined ? '' : ' and search'} to see what there is. Where there are many packages, group them by namespace instead of naming each.
2. Call package_inspect for up to five that look most useful, for their README, message and metadata.
3. Tell me in one table: package, what it holds, number of files, size, and when it last changed (package_versions).
4. End with three questions about this data that you could answer next.

Say what you did not look at. Do not read large files for this.`
  }
}
