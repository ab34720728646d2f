import type { CatalogQuery } from '../backend.ts'

/** Elasticsearch gives no hits behind this one. */
export const searchWindow = 10_000

/**
 * The body of a search in the catalog's index. Objects are in the index named like the bucket; packages and their entries
 * in `<bucket>_packages`, where manifests (mnfst) are the parents of pointers (ptr) and of entries. Source: quilt,
 * docs/Catalog/SearchQuery.md, and the mappings of its indexers.
 */
export function searchBody(query: CatalogQuery, from: number): object {
  return {
    from,
    size: Math.min(query.limit, searchWindow - from),
    track_total_hits: searchWindow,
    query: queryOf(query),
    aggs: {
      bucket: { terms: { field: '_index', size: 20 } },
      ...(query.scope === 'objects' ? { extension: { terms: { field: 'ext', size: 20 } } } : {})
    }
  }
}

/** The index of a bucket for a scope. */
export function indexOf(bucket: string, scope: CatalogQuery['scope']): string {
  return scope === 'objects' ? bucket : `${bucket}_packages`
}

function queryOf(query: CatalogQuery): object {
  switch (query.scope) {
    case 'objects':
      return {
        bool: {
          must: textQuery(query.text, ['key^2', 'key_text', 'content']),
          filter: [
            ...beginning('key', query.prefix),
            ...sizes('size', query),
            ...times('last_modified', query),
            ...extensions(query)
          ],
          must_not: [{ term: { delete_marker: true } }]
        }
      }
    case 'packages':
      return {
        bool: {
          must: [
            {
              bool: {
                should: [
                  ...textQuery(query.text, ['ptr_name^2']),
                  {
                    has_parent: {
                      parent_type: 'mnfst',
                      query: { bool: { must: textQuery(query.text, ['mnfst_message', 'mnfst_metadata*']) } }
                    }
                  }
                ],
                minimum_should_match: 1
              }
            }
          ],
          filter: [
            { term: { ptr_tag: 'latest' } },
            ...named(query.package),
            ...times('ptr_last_modified', query),
            {
              has_parent: {
                parent_type: 'mnfst',
                query: { bool: { filter: sizes('mnfst_stats.total_bytes', query) } },
                inner_hits: { name: 'mnfst' }
              }
            }
          ]
        }
      }
    case 'entries':
      return {
        bool: {
          must: textQuery(query.text, ['entry_lk^2', 'entry_metadata*']),
          filter: [
            { exists: { field: 'entry_lk' } },
            ...sizes('entry_size', query),
            ...((query.extensions ?? []).length === 0
              ? []
              : [
                  anyOf(
                    (query.extensions ?? []).map((one) => ({ wildcard: { entry_lk: `*${dotted(one)}` } }))
                  )
                ]),
            {
              // of all revisions only the entries of the latest ones
              has_parent: {
                parent_type: 'mnfst',
                query: {
                  has_child: {
                    type: 'ptr',
                    query: { term: { ptr_tag: 'latest' } },
                    inner_hits: { name: 'ptr' }
                  }
                },
                inner_hits: { name: 'mnfst' }
              }
            }
          ]
        }
      }
  }
}

function textQuery(text: string, fields: readonly string[]): readonly object[] {
  const words = text.trim()
  if (words === '' || words === '*') return [{ match_all: {} }]
  return [{ query_string: { query: escaped(words), fields, default_operator: 'AND', lenient: true } }]
}

/** Everything that means something to the query language is taken literally, but `*` and `?`; `<` and `>` cannot be. */
function escaped(text: string): string {
  return text
    .replace(/[<>]/g, ' ')
    .replace(/[\\+\-=!(){}[\]^"~:/&|]/g, String.raw`\$&`)
    .replace(/\b(?:AND|OR|NOT)\b/g, (word) => word.toLowerCase())
}

function extensions({ extensions: given = [] }: CatalogQuery): readonly object[] {
  return given.length === 0 ? [] : [{ terms: { ext: given.map(dotted) } }]
}

function beginning(field: string, text: string | undefined): readonly object[] {
  return text === undefined || text === '' ? [] : [{ prefix: { [field]: text } }]
}

function named(name: string | undefined): readonly object[] {
  if (name === undefined || name.endsWith('/')) return beginning('ptr_name', name)
  return [{ term: { ptr_name: name } }]
}

function dotted(extension: string): string {
  return `.${extension.replace(/^\./, '').toLowerCase()}`
}

function anyOf(should: readonly object[]): object {
  return { bool: { should, minimum_should_match: 1 } }
}

function sizes(field: string, { minBytes, maxBytes }: CatalogQuery): readonly object[] {
  return range(field, minBytes, maxBytes)
}

function times(field: string, { modifiedAfter, modifiedBefore }: CatalogQuery): readonly object[] {
  return range(field, modifiedAfter, modifiedBefore)
}

function range(
  field: string,
  gte: string | number | undefined,
  lte: string | number | undefined
): readonly object[] {
  if (gte === undefined && lte === undefined) return []
  return [
    {
      range: {
        [field]: { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) }
      }
    }
  ]
}
