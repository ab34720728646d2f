import { inRegistry, packageArgument, quoted, registryArgument, type Prompt } from './prompt.ts'

export const publishFolder: Prompt = {
  name: 'publish_folder',
  title: 'Publish a folder',
  description: 'Make a package of a folder or of a prefix in a bucket, with a look at it before.',
  arguments: [
    {
      name: 'source',
      title: 'Source',
      description: 'Folder or prefix to publish: file:///folder or s3://bucket/prefix/',
      required: true
    },
    packageArgument,
    { name: 'message', title: 'Message', description: 'What the revision is about', required: false },
    registryArgument
  ],
  text: (argument) => {
    const message = argument('message')
    return `Publish ${quoted(argument('source') ?? '')} as the Quilt package ${quoted(argument('package') ?? '')} ${inRegistry(argument('registry'))}.

1. Call workflows_list: if the registry demands a workflow, ask me for what its rules need.
2. Call package_versions: if the package exists, tell me, and ask whether to patch it (package_patch) or to publish under another name. Never overwrite it without my word.
3. Call objects_list to see what is there. Point out what should not be published: secrets, temporary files, personal data.
4. Call package_create_from_prefix with dry_run, and show me the number of files, their size, the layout and the README that it would make.
5. After I agree call it again without dry_run${message === undefined ? ', with a message that you propose' : `, with the message ${quoted(message)}`}.
6. Call package_inspect and package_verify, and give me the pinned address from catalog_uri.`
  }
}
