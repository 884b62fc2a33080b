import { stringify } from 'csv-stringify/sync';
import { sql } from 'kysely';
import { listAnswer, readCursor } from '../api/cursor.ts';
import type { Db } from '../db.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { containing, excerpt } from '../domain/text.ts';
import { Trouble } from '../errors.ts';
import { addReports } from '../reports/add-reports.ts';
import { type Listed, readList } from '../reports/read-list.ts';
import type { Added } from '../reports/schemas.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { typedLine, typedText } from './fields.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { listIn } from './list-in.ts';
import { usesOf } from './report-lines.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';

interface ReportersPage extends DeskPage {
  id: string;
  heading: string;
  closed: boolean;
  q: string;
  rows: { who: string; address: string; words: string; at: Moment; how: string; withdrawn: boolean }[];
  next: string | null;
  /** What was typed to add one, with what would help. */
  one: { email: string; name: string; message: string; error: string };
  list: string;
  listError: string;
  /** What adding the list would do; null before it was tried. */
  trial: {
    added: number;
    already: number;
    refused: { line: number; email: string; reason: string }[];
    /** More than are listed. */
    refusedInAll: number;
  } | null;
  outcome: string;
}

const render = view<ReportersPage>('desk/reporters.eta');
const perPage = 50;
const mostRefused = 100;

/** The people an issue happens to, with their words; for staff alone. */
export const reportersRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id/reporters', async (visit) => page(visit, await findIssue(visit), {})),
  look('GET /admin/issues/:id/reporters.csv', async (visit) => ({
    body: await asCsv(visit.db, await findIssue(visit)),
    type: 'text/csv; charset=utf-8',
    file: `reporters-${visit.params.id}.csv`,
  })),
  act(
    'POST /admin/issues/:id/reporters',
    async (visit, fields) => {
      const issue = await findIssue(visit);
      return typedLine(fields, 'do') === 'one' ? addOne(visit, issue, fields) : addList(visit, issue, fields);
    },
    4 * 1024 * 1024,
  ),
];

async function addOne(visit: Visit, issue: Issue, fields: Fields) {
  const [email, name, message] = [
    typedLine(fields, 'email'),
    typedLine(fields, 'name'),
    typedText(fields, 'message'),
  ];
  return visit.change(async (trx) => {
    const entry = { email, source: 'desk', ...(name ? { name } : {}), ...(message ? { message } : {}) };
    const { added, rejected } = await addReports(trx, issue.id, [entry], visit.at);
    const [refused] = rejected;
    if (refused) {
      const error = refused.reason.startsWith('email')
        ? 'This is no mail address we can write to. It should look like ana@example.com.'
        : `That cannot be kept: ${refused.reason}.`;
      return {
        page: {
          html: await page({ ...visit, db: trx }, issue, { one: { email, name, message, error } }),
          status: 400,
        },
      };
    }
    return {
      to: `/admin/issues/${issue.id}/reporters?${added ? 'added=1' : 'already=1'}`,
      about: `issue:${issue.id}`,
      detail: { added },
      address: email,
    };
  });
}

async function addList(visit: Visit, issue: Issue, fields: Fields) {
  let list = typedText(fields, 'list');
  let listed: Listed[];
  try {
    list = listIn(fields);
    listed = readList(list);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { page: { html: await page(visit, issue, { list, listError: error.message }), status: 400 } };
  }
  if (listed.length === 0) {
    const listError = 'There is no address in it.';
    return { page: { html: await page(visit, issue, { list, listError }), status: 400 } };
  }
  const entries = listed.map(({ line: _, ...one }) => ({ ...one, source: 'list' }));
  if (typedLine(fields, 'do') !== 'add') {
    const done = await tryOut(visit.db, issue.id, entries, visit.at);
    return { page: await page(visit, issue, { list, trial: { done, listed } }) };
  }
  return visit.change(async (trx) => {
    const { added, already_there, rejected } = await addReports(trx, issue.id, entries, visit.at);
    return {
      to: `/admin/issues/${issue.id}/reporters?added=${added}&already=${already_there}`,
      about: `issue:${issue.id}`,
      detail: { added, already_there, refused: rejected.length },
    };
  });
}

class OnlyTried extends Error {}

/** What adding them would do, found out by doing it and taking it back. */
async function tryOut(db: Db, issueId: string, entries: unknown[], now: Date): Promise<Added> {
  let done: Added | undefined;
  await db
    .transaction()
    .execute(async (trx) => {
      done = await addReports(trx, issueId, entries, now);
      throw new OnlyTried();
    })
    .catch((error) => {
      if (!(error instanceof OnlyTried)) throw error;
    });
  return done!;
}

interface More {
  one?: ReportersPage['one'];
  list?: string;
  listError?: string;
  trial?: { done: Added; listed: Listed[] };
}

async function page(visit: Visit, issue: Issue, more: More): Promise<string> {
  const { db, desk, query } = visit;
  const q = query.q?.trim().slice(0, 200) ?? '';
  const { data, next_cursor } = await listReporters(db, issue.id, q, query.cursor);
  const { trial } = more;
  return render({
    desk,
    title: 'Who told us',
    here: 'issues',
    id: issue.id,
    heading: issue.title,
    closed: isClosed(issue.status),
    q,
    rows: data,
    next: next_cursor && `?${new URLSearchParams({ ...(q ? { q } : {}), cursor: next_cursor })}`,
    one: more.one ?? { email: '', name: '', message: '', error: '' },
    list: more.list ?? '',
    listError: more.listError ?? '',
    trial: trial
      ? {
          added: trial.done.added,
          already: trial.done.already_there,
          refusedInAll: trial.done.rejected.length,
          refused: trial.done.rejected.slice(0, mostRefused).map(({ index, reason }) => ({
            line: trial.listed[index]!.line,
            email: excerpt(trial.listed[index]!.email, 254),
            reason: reason.replace(/^email: /, ''),
          })),
        }
      : null,
    outcome: outcomeOf(query),
  });
}

function outcomeOf({ added, already }: Visit['query']): string {
  const count = (text: string | undefined) => (/^\d{1,5}$/.test(text ?? '') ? Number(text) : 0);
  const [news, old] = [count(added), count(already)];
  const parts = [
    ...(news ? [news === 1 ? 'One person was added.' : `${news} people were added.`] : []),
    ...(old ? [old === 1 ? 'One was there already.' : `${old} were there already.`] : []),
  ];
  return parts.join(' ');
}

async function listReporters(db: Db, issueId: string, q: string, cursor: string | undefined) {
  const after = readCursor(cursor);
  const like = containing(q);
  const rows = await db
    .selectFrom('report')
    .select(['id', 'name', 'email', 'message', 'source', 'state', 'traits', 'created_at'])
    .where('issue_id', '=', issueId)
    .where('state', '<>', 'spam')
    .$if(q !== '', (query) =>
      query.where(sql<boolean>`(email ilike ${like} or name ilike ${like} or message ilike ${like})`),
    )
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(perPage + 1)
    .execute();
  const shown = rows.map((row) => ({
    who: row.name ?? '',
    address: row.email ?? '',
    words: row.message ?? '',
    at: moment(row.created_at),
    how: [sources[row.source] ?? `from ${row.source}`, usesOf(row)].filter(Boolean).join(', '),
    withdrawn: row.state === 'withdrawn',
  }));
  return listAnswer(rows, perPage, shown);
}

const sources: Record<string, string> = {
  form: 'told us by the form',
  me_too: 'said “me too”',
  api: 'added by a program',
  desk: 'added at the desk',
  list: 'added from a list',
  lookup: 'added on the phone',
  mail: 'told us by mail',
};

async function asCsv(db: Db, issue: Issue): Promise<string> {
  const rows = await db
    .selectFrom('report')
    .select(['email', 'name', 'message', 'source', 'created_at'])
    .where('issue_id', '=', issue.id)
    .where('stands', '=', true)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return stringify(
    rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() })),
    { header: true, escape_formulas: true, columns: ['email', 'name', 'message', 'source', 'created_at'] },
  );
}
