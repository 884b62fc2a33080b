import * as z from 'zod';
import type { ApiRoute } from './route.ts';

const problem = z.object({
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  support: z
    .object({ url: z.string(), email: z.string(), phone: z.string(), hours: z.string() })
    .partial()
    .optional()
    .describe('How to reach a person, as far as it is given'),
});

/** The OpenAPI 3.1 document of the routes, from the same schemas that check the input. */
export function openApiOf(routes: readonly ApiRoute[], baseUrl: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Candor admin API',
      version: '1',
      description:
        'Times are RFC 3339 in UTC. Lists go on with next_cursor. Every POST takes an Idempotency-Key: the same key and body again answers the first answer and does nothing twice.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${baseUrl}/api/v1` }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
}

function operation(route: ApiRoute) {
  const refusal = {
    description: 'What was wrong, and where',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return {
    operationId: operationId(route),
    summary: route.summary,
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(route.method === 'POST' ? [idempotencyKey] : []),
    ],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: schemaOf(route.body, 'input') },
              ...(route.takesMail && { 'message/rfc822': { schema: { type: 'string', format: 'binary' } } }),
            },
          },
        }
      : {}),
    responses: {
      [route.status]: {
        description: descriptions[route.status],
        ...(route.status !== 204 && {
          content: { 'application/json': { schema: schemaOf(route.answer, 'output') } },
        }),
      },
      '4XX': refusal,
    },
  };
}

const descriptions = { 200: 'As asked', 201: 'Made', 204: 'Gone; there is nothing to say' };

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and body again answers the first answer and does nothing twice.',
  schema: { type: 'string', maxLength: 255 },
};

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query') {
  if (!schema) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: schemaOf(field as z.ZodType, 'input'),
  }));
}

function operationId(route: ApiRoute): string {
  return (route.method.toLowerCase() + route.path.replaceAll(/[{}]/g, '')).replaceAll(
    /[^a-z0-9]+(\w)/gi,
    (_, letter: string) => letter.toUpperCase(),
  );
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
