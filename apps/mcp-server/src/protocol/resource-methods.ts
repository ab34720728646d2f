import {
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ReadResourceRequestSchema
} from '@modelcontextprotocol/sdk/types.js'
import { listResources } from '../resources/list-resources.ts'
import { readResource } from '../resources/read-resource.ts'
import { resourceTemplates } from '../resources/templates.ts'
import type { Services } from '../services.ts'
import { withExpectedFailures } from './expected-failure.ts'
import { fixedList } from './fixed-list.ts'
import { method, type Method } from './method.ts'
import { plainPage, type PlainPage } from './plain-request.ts'
import type { RecentAnswers } from './recent-answers.ts'

/** The methods of resources. What a caller sees of packages is the caller's own; the templates are the same for all. */
export function resourceMethods(services: Services, recent: RecentAnswers): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'resources/list',
      method<PlainPage>(
        ListResourcesRequestSchema,
        ({ params }, context) =>
          recent.of(context.principal, params?.cursor ?? '', () =>
            withExpectedFailures(() => listResources(params?.cursor, services, context))
          ),
        plainPage
      )
    ],
    [
      'resources/templates/list',
      fixedList(ListResourceTemplatesRequestSchema, 'resourceTemplates', resourceTemplates)
    ],
    [
      'resources/read',
      method(ReadResourceRequestSchema, async ({ params }, context) => ({
        result: {
          contents: await withExpectedFailures(() => readResource(params.uri, services, context))
        }
      }))
    ]
  ])
}
