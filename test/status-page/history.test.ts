import t from 'tap';
import { shellOf } from '../../src/shell.ts';
import { historyPage } from '../../src/status-page/history.ts';
import { onBoth } from '../fixtures/db.ts';
import { fillSample, issueOf, sampleConfig, sampleNow } from '../fixtures/sample.ts';
import { inOrder, textOf } from '../fixtures/text.ts';

const shell = shellOf(sampleConfig);

onBoth(t, 'a month tells what began in it, and leads to the months before and after', async (t, { db }) => {
  await fillSample(db);
  const newest = await historyPage(db, shell, {}, sampleNow);
  t.equal(
    inOrder(textOf(newest), [
      'November 2026',
      'The publish button does nothing',
      'Signing in asks for the password twice',
      'Fixed · 15 Nov 2026, 21:40 UTC, for 2 days',
      'Before: October 2026',
    ]),
    true,
  );
  t.match(newest, 'href="/history?month=2026-10"');
  const older = textOf(await historyPage(db, shell, { month: '2026-10' }, sampleNow));
  t.match(older, 'Drafts older than two years open slowly');
  t.match(older, 'After: November 2026');
  t.notMatch(older, 'Before:');
});

onBoth(t, 'a month belongs to UTC, to the millisecond', async (t, { db }) => {
  const at = (id: string, time: string) => issueOf(id, { title: id, started_at: new Date(time) });
  await db
    .insertInto('issue')
    .values([
      at('before000001', '2026-01-31T23:59:59.999Z'),
      at('first0000001', '2026-02-01T00:00:00.000Z'),
      at('last00000001', '2026-02-28T23:59:59.999Z'),
      at('after0000001', '2026-03-01T00:00:00.000Z'),
    ])
    .execute();
  const text = textOf(await historyPage(db, shell, { month: '2026-02' }, sampleNow));
  t.equal(
    inOrder(text, ['February 2026', 'last00000001', 'first0000001', 'January 2026', 'March 2026']),
    true,
  );
  t.notMatch(text, /before000001|after0000001/);
});

onBoth(t, 'a full month has pages, and a month with nothing says so', async (t, { db }) => {
  await db
    .insertInto('issue')
    .values(Array.from({ length: 130 }, (_, n) => issueOf(`full00000${String(n).padStart(3, '0')}`)))
    .execute();
  const links = (html: string) => html.match(/<h3><a href="\/issues\//g)?.length;
  const first = await historyPage(db, shell, {}, sampleNow);
  t.equal(links(first), 100);
  t.match(first, 'href="/history?month=2026-11&amp;page=2"');
  const second = await historyPage(db, shell, { month: '2026-11', page: '2' }, sampleNow);
  t.equal(links(second), 30);
  t.notMatch(second, 'More of');
  t.match(textOf(await historyPage(db, shell, { month: '2020-01' }, sampleNow)), 'Nothing that we know of.');
});

onBoth(t, 'months and pages that cannot be are not found', async (t, { db }) => {
  for (const month of [
    '2026-13',
    '2026-1',
    'November',
    '',
    '99999-01',
    '2026-01-01',
    ['2026-01'].concat('2026-02'),
  ]) {
    await t.rejects(historyPage(db, shell, { month }, sampleNow), /Months are written/, String(month));
  }
  for (const page of ['0', '-1', '51', '1e1', 'x']) {
    await t.rejects(historyPage(db, shell, { page }, sampleNow), /no such page/, page);
  }
});
