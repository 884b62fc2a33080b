import * as z from 'zod';
import { byId, listOf, listQuery } from '../api/fields.ts';
import { type ApiRoute, reads, writes } from '../api/route.ts';
import { addReports } from './add-reports.ts';
import { answerReport } from './answer-report.ts';
import { linkReport } from './link-report.ts';
import { listReports, reportAsJson } from './list-reports.ts';
import { added, answerBody, linkBody, reportAnswer, reportsBody, reportWithMatches } from './schemas.ts';

export const reportsApi: ApiRoute[] = [
  writes({
    method: 'POST',
    path: '/issues/{id}/reports',
    summary: 'Add one reporter, or up to 10,000; nobody is mailed before there is news',
    params: byId,
    body: reportsBody,
    bodyLimit: 32 * 1024 * 1024,
    status: 201,
    answer: added,
    run: (trx, { params, body, now }) => addReports(trx, params.id, Array.isArray(body) ? body : [body], now),
  }),
  reads({
    path: '/reports',
    summary: 'What customers said, newest first, with the known issues that match best',
    query: z.object({
      limit: listQuery.limit.default(20),
      cursor: listQuery.cursor,
      state: z.enum(['new', 'linked', 'answered']).default('new'),
    }),
    answer: listOf(reportWithMatches),
    run: (db, { query, site }) => listReports(db, query, site.baseUrl),
  }),
  writes({
    method: 'POST',
    path: '/reports/{id}/link',
    summary: 'This report is about that issue; its reporter follows it now and is told so',
    params: byId,
    body: linkBody,
    status: 200,
    answer: reportAnswer,
    run: async (trx, { params, body, now }) =>
      reportAsJson(await linkReport(trx, params.id, body.issue_id, now)),
  }),
  writes({
    method: 'POST',
    path: '/reports/{id}/answer',
    summary: 'Answer a report, kindly; its reporter is told',
    params: byId,
    body: answerBody,
    status: 200,
    answer: reportAnswer,
    run: async (trx, { params, body, now }) => reportAsJson(await answerReport(trx, params.id, body, now)),
  }),
];
