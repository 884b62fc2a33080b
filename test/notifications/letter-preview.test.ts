import t from 'tap';
import { writeEmail } from '../../src/notifications/email.ts';
import { previewResolved, whoIsTold } from '../../src/notifications/preview.ts';
import { stillWanted } from '../../src/notifications/still-wanted.ts';
import { onBoth } from '../fixtures/db.ts';
import { anIssue, deliveries, links, page, reportsOf, resolve } from '../fixtures/outbox.ts';

onBoth(t, 'who is told is whom a resolve then mails', async (t, { db }) => {
  const issueId = await anIssue(db);
  const elsewhere = await anIssue(db);
  const old = { created_at: new Date('2026-01-01T00:00:00Z') };
  await reportsOf(db, issueId, ['Ann@Example.com'], { ...old, name: 'Ann once' });
  await reportsOf(db, issueId, ['ann@example.com', 'bob@example.com'], { name: 'Ann or Bob' });
  await reportsOf(db, issueId, ['cid@example.com'], { ...old, name: 'Cid' });
  await reportsOf(db, issueId, ['gone@example.com'], { state: 'withdrawn', withdrawn_at: new Date() });
  await reportsOf(db, issueId, ['spam@example.com'], { state: 'spam' });
  await reportsOf(db, issueId, [null, null] as never, { name: null });
  await reportsOf(db, issueId, [null] as never, { state: 'spam' });
  await reportsOf(db, elsewhere, ['dora@example.com']);
  await db
    .insertInto('suppression')
    .values({ address_key: 'bob@example.com', reason: '550 5.1.1', created_at: new Date() })
    .execute();
  const told = await whoIsTold(db, issueId, { limit: 2 });
  t.match(told, { total: 3, suppressed: 1, withoutAddress: 2 });
  t.same(
    told.first.map((one) => one.address).sort(),
    ['ann@example.com', 'bob@example.com'],
    'the newest, each once, as she wrote it last',
  );
  const all = await whoIsTold(db, issueId, { limit: 20 });
  await resolve(db, issueId);
  const owed = await deliveries(db);
  t.equal(owed.length, told.total);
  t.same(owed.map((one) => one.address).sort(), all.first.map((one) => one.address).sort());
});

onBoth(
  t,
  'the mail as it will look is the mail that goes, but for whose links are in it',
  async (t, { db }) => {
    const now = new Date('2026-11-22T10:00:00Z');
    for (const [resolution, message] of [
      ['fixed', 'The disk was *full*.'],
      ['wont_fix', 'It <b>stays</b> as it is.'],
      ['retracted', 'Sorry.'],
    ] as const) {
      const issueId = await anIssue(db, { title: `Größe & *more*: ${resolution}` });
      const [reportId] = await reportsOf(db, issueId, ['ann@example.com'], { created_at: new Date(0) });
      const seen = await previewResolved(db, page, links, issueId, { message, resolution }, now);
      const issue = await db
        .selectFrom('issue')
        .select('status')
        .where('id', '=', issueId)
        .executeTakeFirstOrThrow();
      t.equal(issue.status, 'identified', 'nothing is closed by looking');
      const updateId = await resolve(db, issueId, message, resolution, now);
      const [delivery] = await deliveries(db, { update_id: updateId });
      const matter = await stillWanted(db, delivery!, now);
      if ('state' in matter) throw new Error(matter.reason);
      const { subject, text, html } = writeEmail(page, links, delivery!, matter);
      const asSeen = (mail: string) =>
        (['report', 'leave'] as const).reduce(
          (rest, purpose) =>
            rest.replaceAll(links.token(purpose, reportId!), links.token(purpose, '000000000000')),
          mail,
        );
      t.same(seen, { subject, text: asSeen(text), html: asSeen(html) });
      t.notMatch(seen.text, reportId!, 'nobody’s link is in it');
    }
    await t.rejects(
      previewResolved(db, page, links, 'zzzzzzzzzzzz', { message: 'm', resolution: 'fixed' }, now),
      /There is no issue/,
    );
  },
);
