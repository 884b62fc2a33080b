import { validate } from '@readme/openapi-parser';
import t from 'tap';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

onBoth(t, 'the OpenAPI document is valid and describes every call', async (t, base) => {
  const { app, api } = await openApp(t, base);
  const response = await app.inject('/api/v1/openapi.json');
  t.equal(response.statusCode, 200, 'readable without a token');
  const document = response.json();
  t.equal(document.openapi, '3.1.0');
  t.match(await validate(structuredClone(document)), { valid: true });
  const routes = Object.entries<object>(document.paths).flatMap(([path, calls]) =>
    Object.keys(calls).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.same(routes.sort(), [
    'DELETE /subscribers/{id}',
    'GET /components',
    'GET /issues',
    'GET /issues/{id}',
    'GET /issues/{id}/notifications',
    'GET /reports',
    'GET /subscribers',
    'GET /subscribers/{id}',
    'PATCH /components/{id}',
    'PATCH /issues/{id}',
    'PATCH /issues/{id}/updates/{update_id}',
    'PATCH /subscribers/{id}',
    'POST /alerts',
    'POST /alerts/alertmanager',
    'POST /bounces',
    'POST /components',
    'POST /inbound/report',
    'POST /issues',
    'POST /issues/{id}/reports',
    'POST /issues/{id}/updates',
    'POST /reports/{id}/answer',
    'POST /reports/{id}/link',
    'POST /subscribers',
  ]);
  t.match(document.paths['/issues'].post.requestBody.content['application/json'].schema, {
    type: 'object',
    required: ['title', 'kind', 'message'],
    properties: { kind: { enum: ['bug', 'incident', 'maintenance'] } },
  });
  t.ok(document.paths['/bounces'].post.requestBody.content['message/rfc822'], 'a mail, byte for byte');
  t.equal((await api('GET', '/openapi.json')).status, 200);
});
