/**
 * Every error of this library, by code. `means` says when it happens, `remedy` what to do where the place that
 * throws knows nothing better.
 */
export const catalogue = {
  aborted: { means: 'The caller ended the work.', remedy: 'Call again.' },
  'invalid-limit': {
    means: 'The limit of a page is not a whole number from 1 to 10,000.',
    remedy: 'Ask for 1 to 10,000 items.'
  },
  'invalid-cursor': {
    means: 'The cursor of a page is not one that this list gave out.',
    remedy: 'Start again without a cursor, and pass `next` on unchanged.'
  },

  'invalid-search': { means: 'A text to search for is empty.', remedy: 'Search for at least one character.' },

  'invalid-package-name': {
    means: 'A package name is not `namespace/name` of letters, digits, `_` and `-`.',
    remedy: 'Use two parts of letters, digits, underscores and hyphens, with one slash between.'
  },
  'invalid-logical-key': {
    means: 'A logical key is empty, names a folder, or has a part that is empty, `.` or `..`.',
    remedy: 'Use a relative path of non-empty parts.'
  },
  'key-conflict': {
    means: 'A logical key would be a file and a folder at once.',
    remedy: 'Remove the other one first, or choose another key.'
  },
  'invalid-top-hash': {
    means: 'A top hash is not 64 hexadecimal digits, or a prefix of one not 6 to 63.',
    remedy: 'Copy the top hash from the list of revisions.'
  },
  'invalid-uri': {
    means: 'A quilt+s3:// or quilt+file:// address cannot be read.',
    remedy: 'Write it as quilt+s3://BUCKET#package=NAMESPACE/NAME[@TOPHASH|:TAG][&path=PATH].'
  },
  'invalid-physical-key': {
    means: 'A physical key is neither s3://BUCKET/KEY[?versionId=ID] nor file:///PATH.',
    remedy: 'Use an s3:// or file:// address, percent-encoded.'
  },

  'invalid-json': {
    means: 'A text is not JSON as Python reads it.',
    remedy: 'Correct the text at the place named.'
  },
  'json-too-deep': {
    means: 'Arrays and objects lie too deep in each other for the Python client.',
    remedy: 'Use fewer levels.'
  },
  'json-not-encodable': {
    means: 'A value cannot be written to a manifest: NaN, an infinity, or half a surrogate pair.',
    remedy: 'Replace the value.'
  },

  'manifest-not-utf8': {
    means: 'A manifest holds bytes that are not UTF-8.',
    remedy: 'The manifest is damaged, or is no manifest: push the package again.'
  },
  'manifest-empty': {
    means: 'A manifest has no header line.',
    remedy: 'The manifest is damaged or truncated: push the package again.'
  },
  'manifest-invalid-header': {
    means: 'The first line of a manifest is not a JSON object.',
    remedy: 'The manifest is damaged, or is no manifest: push the package again.'
  },
  'manifest-invalid-record': {
    means: 'A line of a manifest is neither an entry nor the metadata of a folder.',
    remedy: 'The manifest is damaged: push the package again.'
  },
  'manifest-duplicate-key': {
    means: 'A manifest has two entries of the same logical key, or a folder and an entry of the same key.',
    remedy: 'Remove one of the lines, then push the package again.'
  },
  'manifest-file-as-folder': {
    means: 'A manifest has an entry inside of what is itself an entry.',
    remedy: 'Remove one of the lines, then push the package again.'
  },
  'manifest-line-too-long': {
    means: 'A line of a manifest is longer than 16 MiB; the Python client has no such limit.',
    remedy: 'Move large metadata into a file of the package.'
  },
  'manifest-changed': {
    means: 'A manifest file is no longer the one that was opened.',
    remedy: 'Open it again.'
  },
  'manifest-hash-mismatch': {
    means: 'The content of a manifest does not have the top hash it is stored under.',
    remedy: 'The manifest was changed or damaged: go back to another revision, or push again.'
  },
  'manifest-unordered': {
    means:
      'A manifest is larger than 64 MiB and its lines are not in the order of a walk: no index can be made.',
    remedy: 'Load and push the package again with the Python client, which writes the lines in order.'
  },
  'record-too-large': {
    means: 'A line to be written to a manifest has more than 1,000,000 bytes.',
    remedy: 'Move large metadata into a file of the package.'
  },
  'entry-incomplete': {
    means: 'An entry has no hash or no size, so the package has no top hash.',
    remedy: 'Compute the checksum of the entry first.'
  },

  'unsupported-hash': {
    means: 'A checksum is of a type that cannot be computed.',
    remedy: 'Use sha2-256-chunked, SHA256 or CRC64NVME.'
  },
  'hash-mismatch': {
    means: 'Bytes do not have the checksum that their entry has.',
    remedy: 'The object was replaced or damaged: read the version the entry names, or push the package again.'
  },
  'size-mismatch': {
    means: 'An object does not have the size that its entry has.',
    remedy: 'The object was replaced or damaged: read the version the entry names, or push the package again.'
  },

  'folder-not-found': {
    means: 'A package has no folder of that path.',
    remedy: 'Browse the folder above it.'
  },
  'entry-not-found': {
    means: 'A package has no entry of that logical key.',
    remedy: 'Browse the folder, or search the keys.'
  },
  'package-not-found': { means: 'A registry has no package of that name.', remedy: 'List the packages.' },
  'revision-not-found': {
    means: 'A package has no revision of that hash or tag.',
    remedy: 'List the revisions.'
  },
  'ambiguous-hash': {
    means: 'More than one revision starts with these digits.',
    remedy: 'Use more digits of the top hash.'
  },
  'invalid-pointer': {
    means: 'A pointer of a registry does not hold a top hash.',
    remedy: 'Write the pointer again by rolling back to a revision.'
  },
  'invalid-tag': {
    means: 'A tag is empty or holds a character that no pointer can have.',
    remedy: 'Use letters, digits and hyphens.'
  },
  'invalid-option': {
    means: 'The message or the workflow of a new revision is not a text.',
    remedy: 'Give a text, or null for none.'
  },
  conflict: {
    means: 'The package has changed since the revision that the new one builds on.',
    remedy: 'Open the latest revision, make the change there, push again; or force the push.'
  },
  'workflow-failed': {
    means: 'A package does not fulfil a workflow of its registry.',
    remedy: 'Correct what the message names, or choose another workflow.'
  },
  'workflow-config-invalid': {
    means: 'The workflows configuration of a registry, or a schema it names, is not valid.',
    remedy: 'Correct .quilt/workflows/config.yml.'
  },

  'invalid-summary': {
    means:
      'The quilt_summarize.json of a package is not an array of paths, objects with a path, or arrays of these.',
    remedy: 'Correct the file and push the package again.'
  },

  'invalid-registry': {
    means: 'A registry is neither s3://BUCKET nor file:///DIR.',
    remedy: 'Use s3://BUCKET without a path, or file:///DIR with an absolute one.'
  },
  'invalid-destination': {
    means: 'Data of a package would be written to a place that is not allowed.',
    remedy: 'Use an s3:// prefix in the bucket of the registry.'
  },
  'local-key-in-remote-registry': {
    means: 'A package of an S3 registry names a file of this machine. It is never read.',
    remedy: 'Push the package again so that its files are copied to the bucket.'
  },
  'outside-root': {
    means: 'A path leads outside the folder it must stay in, by `..`, a link or otherwise.',
    remedy: 'Use a path inside the folder.'
  },
  'object-not-found': {
    means: 'An object or file does not exist.',
    remedy: 'Check the address and version.'
  },
  'bucket-not-found': { means: 'A bucket does not exist.', remedy: 'Check the name of the bucket.' },
  'object-changed': {
    means: 'An object changed while it was read or written.',
    remedy: 'Read it again.'
  },
  'access-denied': {
    means: 'The store refused access to an object or bucket.',
    remedy: 'Check the credentials and the permissions.'
  },
  'credentials-expired': {
    means: 'The store no longer takes the credentials: they have expired or were taken back.',
    remedy:
      'Call again: credentials that can be renewed are by then. Otherwise sign in again (aws sso login, or the Quilt catalog).'
  },
  'invalid-range': {
    means: 'A range does not lie inside the object.',
    remedy: 'Use an offset from 0 to the size.'
  },
  'not-supported': {
    means: 'The registry or store cannot do what was asked.',
    remedy: 'See the documentation of the call.'
  },
  'invalid-object-key': {
    means: 'A name cannot be used in the store: empty or special parts, too long, or a folder of that name.',
    remedy: 'Use plain names with a single / between them.'
  },
  locked: {
    means: 'Another writer held the lock of the registry for too long.',
    remedy: 'Wait for the other writer to finish, or end it.'
  },
  'storage-full': { means: 'There is no space left to write.', remedy: 'Free some space and repeat.' },
  'storage-failed': {
    means: 'The file system or the object store failed.',
    remedy: 'See the message; repeat when the store is well again.'
  },
  internal: { means: 'A fault of this library.', remedy: 'Report it with the message.' }
} as const satisfies Record<string, { readonly means: string; readonly remedy: string }>

export type QuiltErrorCode = keyof typeof catalogue
