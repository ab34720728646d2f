const version = { type: 'string', pattern: '^[1-9][0-9]*(\\.(0|[1-9][0-9]*)){0,2}$' }
const text = { type: 'string' }
const filledText = { type: 'string', minLength: 1 }

const workflow = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    catalog: true,
    name: filledText,
    description: filledText,
    handle_pattern: text,
    metadata_schema: text,
    entries_schema: text,
    is_message_required: { type: 'boolean' }
  }
}

/**
 * What a workflows configuration looks like. Source: quilt3 8.0.0, workflows/config-1.schema.json, whose order of
 * keywords decides which error is reported first.
 */
export const configSchema = {
  type: 'object',
  required: ['version', 'workflows'],
  additionalProperties: false,
  properties: {
    catalog: true,
    version: {
      oneOf: [
        version,
        {
          type: 'object',
          additionalProperties: false,
          required: ['base'],
          properties: { base: version, catalog: version }
        }
      ]
    },
    is_workflow_required: { type: 'boolean' },
    default_workflow: text,
    workflows: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[A-Za-z_-][A-Za-z0-9_-]*$', maxLength: 64 },
      additionalProperties: workflow
    },
    schemas: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: 'object', required: ['url'], properties: { url: text } }
    },
    successors: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        required: ['title'],
        properties: { title: filledText, copy_data: { type: 'boolean' } }
      }
    }
  }
}
