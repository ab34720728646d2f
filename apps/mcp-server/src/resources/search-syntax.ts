/** What the resource quilt://search-syntax says. */
export const searchSyntax = `# Searching

\`search\` finds packages, entries of packages, and objects of buckets. Its result says which engine answered.

## The server's own index (local folders, buckets without a catalog)
- A query is one or more words, in upper or lower case. All of them have to match, in any order; each may be the start
  of a longer word: \`seat\` finds \`seattle-weather\`.
- Packages are found by name, message, user metadata and the keys of their entries; entries by logical key and package
  name.
- Only the latest revision of a package is searched.
- Filters narrow it: package name or namespace, file name extensions, sizes, times.

## The Elasticsearch of a Quilt stack
- Words as above; \`*\` and \`?\` are wildcards: \`*.parquet\`, \`sample_?\`.
- All other special characters are taken literally: \`a:b\` looks for just that.
- Objects are found by key and, where the catalog has read them, by content.
- It gives at most 10,000 hits; narrow the query to see others.

## Objects of a bucket without an index
- They are listed by prefix, and names are compared with the words. The result says how many were looked at, and whether
  that was all.

An empty query with filters gives everything that the filters let through.
`
