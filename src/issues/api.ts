import * as z from 'zod';
import { byId, id, listOf, listQuery } from '../api/fields.ts';
import { type ApiRoute, reads, writes } from '../api/route.ts';
import { readComponents } from '../components-now.ts';
import { kinds } from '../domain/lifecycle.ts';
import { changeIssue } from './change-issue.ts';
import { addComponent, changeComponent } from './components.ts';
import { openIssue } from './open-issue.ts';
import { editUpdate, postUpdate } from './post-update.ts';
import { componentAsJson, listIssues, readIssue, updateAsJson } from './read-issues.ts';
import {
  componentAnswer,
  componentBody,
  componentPatch,
  issueAnswer,
  issueBody,
  issuePatch,
  updateAnswer,
  updateBody,
  updatePatch,
} from './schemas.ts';

export const issuesApi: ApiRoute[] = [
  writes({
    method: 'POST',
    path: '/issues',
    summary: 'Open an issue: an incident, a known bug or a maintenance',
    body: issueBody,
    status: 201,
    answer: issueAnswer,
    run: async (trx, { body, now, site }) => readIssue(trx, await openIssue(trx, body, now), site.baseUrl),
  }),
  reads({
    path: '/issues',
    summary: 'Issues, newest first',
    query: z.object({
      ...listQuery,
      status: z.enum(['open', 'resolved']).optional(),
      kind: z.enum(kinds).optional(),
    }),
    answer: listOf(issueAnswer),
    run: (db, { query, site }) => listIssues(db, query, site.baseUrl),
  }),
  reads({
    path: '/issues/{id}',
    summary: 'One issue with all its updates, newest first',
    params: byId,
    answer: issueAnswer,
    run: (db, { params, site }) => readIssue(db, params.id, site.baseUrl),
  }),
  writes({
    method: 'PATCH',
    path: '/issues/{id}',
    summary: 'Change an issue; what stood there before stays visible',
    params: byId,
    body: issuePatch,
    status: 200,
    answer: issueAnswer,
    run: async (trx, { params, body, now, site }) => {
      await changeIssue(trx, params.id, body, now);
      return readIssue(trx, params.id, site.baseUrl);
    },
  }),
  writes({
    method: 'POST',
    path: '/issues/{id}/updates',
    summary: 'Say something in public; a closing status queues one mail to every reporter',
    params: byId,
    body: updateBody,
    status: 201,
    answer: updateAnswer,
    run: async (trx, { params, body, now }) => updateAsJson(await postUpdate(trx, params.id, body, now)),
  }),
  writes({
    method: 'PATCH',
    path: '/issues/{id}/updates/{update_id}',
    summary: 'Change the words of an update; the page shows that, and what stood there before',
    params: z.object({ id, update_id: id }),
    body: updatePatch,
    status: 200,
    answer: updateAnswer,
    run: async (trx, { params, body, now }) =>
      updateAsJson(await editUpdate(trx, params.id, params.update_id, body.message, now)),
  }),
  writes({
    method: 'POST',
    path: '/components',
    summary: 'Add a component',
    body: componentBody,
    status: 201,
    answer: componentAnswer,
    run: async (trx, { body, now }) => componentAsJson(await addComponent(trx, body, now)),
  }),
  reads({
    path: '/components',
    summary: 'All components in their order, each in its present state',
    answer: listOf(componentAnswer),
    run: async (db) => ({ data: (await readComponents(db)).map(componentAsJson), next_cursor: null }),
  }),
  writes({
    method: 'PATCH',
    path: '/components/{id}',
    summary: 'Change a component',
    params: byId,
    body: componentPatch,
    status: 200,
    answer: componentAnswer,
    run: async (trx, { params, body, now }) =>
      componentAsJson(await changeComponent(trx, params.id, body, now)),
  }),
];
