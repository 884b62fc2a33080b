import t from 'tap';
import type { Db } from '../../src/db.ts';
import { sweepCounts } from '../../src/ledger/sweep.ts';
import { openApp, type TestApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';

onBoth(t, 'what /promise says is what anybody counts from /ledger.jsonl', async (t, base) => {
  const told = await openApp(t, base);
  const { app } = told;
  const empty = await app.inject('/promise');
  t.match(empty.body, 'there is nothing to count yet');
  t.same((await app.inject('/promise.json')).json().months, []);

  await tellTheStory(told, base.db);
  const figures = (await app.inject('/promise.json')).json();
  t.match(figures.all, {
    acknowledged: { count: 1, median_seconds: 1800, slowest_tenth_seconds: 1800, known_before: 1 },
    first_update: { count: 2, median_seconds: 2700, slowest_tenth_seconds: 3600 },
    fixed: { count: 1, median_seconds: 5400 },
    told: { count: 1, median_seconds: 240 },
    promises: { made: 3, kept: 1, moved: 1, broken: 1 },
    fixes: { fixed: 1, answered: 1, work: 1, came_back: 0 },
    people: { told_us: 2, told: 1, could_not_be_told: 0, left_no_address: 1 },
    answers: { works_as_designed: { given: 1, were_right: 0 } },
  });
  const lines = (await app.inject('/ledger.jsonl')).body.trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line));
  const { acknowledged, fixed, promises, people } = figures.all;
  t.same(
    {
      acknowledged: acknowledged.median_seconds,
      known_before: acknowledged.known_before,
      fixed: fixed.median_seconds,
      promises,
      told: people.told,
    },
    countByHand(entries, told.clock.now),
  );
  const { seq, hash } = entries.at(-1);
  t.match(figures.ledger, { seq, hash, began_at: entries[0].at }, 'and says up to which line');
  t.match(Object.keys(figures.definitions), ['months', 'times', ...Object.keys(figures.all)]);

  const page = (await app.inject('/promise')).body;
  t.match(page, 'Of 3 promises we kept 1 and broke 1.');
  t.match(page, hash);
  t.match(page, /<td>1<\/td>/);
  t.notMatch(page, /ana@example|Export is empty/, 'and nothing of any person or issue');

  const later = await openApp(t, { ...base, db: base.db });
  later.clock.now = told.clock.now;
  t.same((await later.app.inject('/promise.json')).json(), figures, 'a process that counts anew agrees');
  told.clock.now = new Date('2027-01-02T00:00:00.000Z');
  await told.api('POST', '/issues', { title: 'Slow', kind: 'bug', message: 'We know.' });
  const grown = (await app.inject('/promise.json')).json();
  t.equal(grown.ledger.seq, seq + 1, 'one that had counted takes in what is new');
  t.same(
    grown.months.map((one: { month: string }) => one.month),
    ['2027-01', '2026-12', '2026-11'],
  );
  t.same(grown.months[1].fixed, { count: 0, median_seconds: null, slowest_tenth_seconds: null });
});

t.test('the figures are shown all or not at all', async (t) => {
  onBoth(t, 'off and on', async (t, base) => {
    const off = await openDesk(t, base, { role: 'owner', env: { FIGURES: 'off' } });
    for (const path of ['/promise', '/promise.json'])
      t.equal((await off.app.inject(path)).statusCode, 404, path);
    for (const page of [(await off.app.inject('/')).body, (await off.get('/admin')).html])
      t.notMatch(page, 'href="/promise"');
  });
  onBoth(t, 'linked from each page, and for owners from the desk', async (t, base) => {
    const desk = await openDesk(t, base, { role: 'owner' });
    const support = await desk.colleague({ role: 'support' });
    t.match((await desk.app.inject('/')).body, 'href="/promise"');
    t.match((await desk.get('/admin')).html, 'href="/promise"');
    t.notMatch((await support.get('/admin')).html, 'href="/promise"');
  });
});

/**
 * At 12:00 somebody reports, at 12:30 we open what it is, with a promise that we move; at 13:00 we speak, too late for
 * another; at 13:30 it is fixed, at 13:34 she has the mail. A second one we know before anybody tells us.
 */
async function tellTheStory({ app, clock, api }: TestApp, db: Db): Promise<void> {
  const at = (time: string) => {
    clock.now = new Date(`2026-11-21T${time}:00.000Z`);
    return clock.now;
  };
  const form = (url: string, payload: string) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const isNew = async () => (await api('GET', '/reports?state=new')).body.data;

  at('12:00');
  const own = (await form('/report', 'message=It+is+empty&email=ana%40example.com')).headers
    .location as string;
  const [report] = await isNew();
  at('12:30');
  const bug = { title: 'Export is empty', kind: 'bug', message: 'We know.' };
  const { id } = (await api('POST', '/issues', { ...bug, next_update_at: '2026-11-21T12:40:00.000Z' })).body;
  await api('POST', `/reports/${report.id}/link`, { issue_id: id });
  await form(`/issues/${id}/me-too`, '');
  await api('PATCH', `/issues/${id}`, { next_update_at: '2026-11-21T12:50:00.000Z' });
  at('13:00');
  const found = { status: 'identified', message: 'We found it.', next_update_at: '2026-11-21T14:00:00.000Z' };
  await api('POST', `/issues/${id}/updates`, found);
  at('13:30');
  await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'It is fixed.' });
  await db
    .updateTable('delivery')
    .set({ state: 'sent', ended_at: at('13:34') })
    .where('state', '=', 'queued')
    .execute();
  at('13:40');
  await form(`${own}/worked`, 'worked=yes');

  const second = (await api('POST', '/issues', { ...bug, title: 'Import is slow' })).body.id;
  at('14:00');
  await form(`/issues/${second}/me-too`, '');
  await form('/report', 'message=Is+it+meant+so');
  const [asked] = await isNew();
  await api('POST', `/reports/${asked.id}/answer`, {
    verdict: 'works_as_designed',
    message: 'It is meant so.',
  });
  at('14:30');
  await api('POST', `/issues/${second}/updates`, { status: 'identified', message: 'A slow disk.' });
  await sweepCounts(db, at('15:00'));
}

// biome-ignore lint/suspicious/noExplicitAny: lines as anybody may read them
type Read = any;

/** As somebody would who has only the definitions and the lines; each issue here has one fix at most. */
function countByHand(lines: Read[], now: Date) {
  const came = { acknowledged: 0, known_before: 0, fixed: 0, told: 0 };
  const promises = { made: 0, kept: 0, moved: 0, broken: 0 };
  const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;
  for (const opening of lines.filter((line) => line.type === 'issue_opened')) {
    const own = lines.filter((line) => line.issue_id === opening.issue_id);
    const first = own.filter((line) => line.type === 'counted').at(-1).first_report_at;
    if (first < opening.at) came.acknowledged = seconds(first, opening.at);
    else came.known_before++;
    const closing = own.find((line) => line.type === 'update_posted' && line.resolution === 'fixed');
    if (closing) came.fixed = seconds(first, closing.at);
    came.told += own.filter((line) => line.type === 'told').at(-1)?.sent ?? 0;
    let due: string | null = null;
    for (const line of own) {
      const isMove = line.type === 'issue_changed' && line.changes.next_update_at;
      if (!isMove && !['issue_opened', 'update_posted'].includes(line.type)) continue;
      if (due !== null) promises[line.at > due ? 'broken' : isMove ? 'moved' : 'kept']++;
      due = isMove ? isMove.is : line.next_update_at;
    }
    if (due !== null && Date.parse(due) < now.getTime()) promises.broken++;
  }
  promises.made = promises.kept + promises.moved + promises.broken;
  return { ...came, promises };
}
