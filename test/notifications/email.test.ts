import PostalMime from 'postal-mime';
import t from 'tap';
import type { Database } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import type { Letter } from '../../src/mailer.ts';
import { type Page, writeEmail } from '../../src/notifications/email.ts';
import { owePerson, oweReporters } from '../../src/notifications/outbox.ts';
import { stillWanted } from '../../src/notifications/still-wanted.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { anIssue, deliveries, links, notify, page, reportsOf, resolve, until } from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const promised = new Date('2099-11-21T19:00:00Z');
const show = process.env.SHOW_MAILS === '1';

async function compose({ db }: Database, template: string, on: Page = page): Promise<Letter> {
  const [delivery] = (await deliveries(db)).filter((one) => one.template === template).slice(-1);
  const matter = await stillWanted(db, delivery!, new Date());
  if ('state' in matter) throw new Error(matter.reason);
  const letter = writeEmail(on, links, delivery!, matter);
  if (show) console.error(`\n===== ${letter.subject}\n\n${letter.text}`);
  return letter;
}

t.test('receipt: we have it, what happens next, and a way out for the one who did not write', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { db } = base;
  const [reportId] = await reportsOf(db, null, ['a@example.com']);
  await db
    .transaction()
    .execute((trx) =>
      owePerson(trx, { template: 'receipt', reportId: reportId!, address: 'a@example.com' }, new Date()),
    );
  const { subject, text, html, replyTo } = await compose(base, 'receipt');
  const own = `https://status.example.org/r/${links.token('report', reportId!)}`;
  t.equal(subject, 'We have your report');
  t.match(text, `See your report:\n${own}\n`);
  const leave = `https://status.example.org/r/${links.token('leave', reportId!)}`;
  t.match(text, `This was not me:\n${leave}/not-me\n`);
  t.match(text, /^Stop it here: https:\/\/\S+[a-zA-Z0-9_-]$/m, 'nothing stands behind a link');
  t.match(html, `href="${leave}/not-me"`);
  t.equal(replyTo, 'help@example.org');
  t.match(text, 'reply to this mail, or write to help@example.org.');
  t.notMatch(`${text}${html}${subject}`, /canary/i, 'nothing the visitor typed');
  const bare = await compose(base, 'receipt', { ...page, supportEmail: null });
  t.equal(bare.replyTo, null);
  t.notMatch(bare.text, /reply|person:/i, 'no way to a person is invented');
});

t.test('receipt for a me-too names the issue and what to do meanwhile', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { db } = base;
  const issueId = await anIssue(db, { workaround: 'Upload it in **two parts**.', next_update_at: promised });
  const [reportId] = await reportsOf(db, issueId, ['a@example.com']);
  await db
    .transaction()
    .execute((trx) =>
      owePerson(
        trx,
        { template: 'receipt', reportId: reportId!, address: 'a@example.com', issueId },
        new Date(),
      ),
    );
  const { subject, text, html } = await compose(base, 'receipt');
  t.equal(subject, 'We have your report: Uploads stop at 99 %');
  t.match(text, 'We know about it, and it is not your fault.');
  t.match(text, 'Upload it in **two parts**.', 'the team’s Markdown as written');
  t.match(html, 'Upload it in <strong>two parts</strong>.');
  t.match(text, 'Next update by: 21 November 2099, 19:00 UTC');
  t.match(text, `See what we know:\nhttps://status.example.org/issues/${issueId}`);
  await db
    .updateTable('issue')
    .set({ next_update_at: new Date('2020-01-02T03:04:00Z') })
    .execute();
  const late = await compose(base, 'receipt');
  t.match(late.text, 'We had promised an update by 2 January 2020, 03:04 UTC, and we are late with it.');
});

t.test('resolved: honest about how it ended', async (t) => {
  for (const [resolution, subject, says] of [
    ['fixed', 'Fixed: Uploads stop at 99 %', 'It is fixed now.'],
    ['wont_fix', 'Our decision on: Uploads stop at 99 %', 'decided not to change this'],
    [
      'not_reproducible',
      'We could not find it: Uploads stop at 99 %',
      'does not mean that it did not happen',
    ],
    ['duplicate', 'Followed elsewhere: Uploads stop at 99 %', 'the same as another problem'],
  ] as const) {
    const base = await freshDatabase(t, 'postgres');
    const issueId = await anIssue(base.db);
    await reportsOf(base.db, issueId, ['a@example.com']);
    await resolve(base.db, issueId, undefined, resolution);
    const letter = await compose(base, 'resolved');
    t.equal(letter.subject, subject);
    t.match(letter.text, says);
    t.match(letter.text, 'The disk was full. It has more room now.');
    t.match(letter.text, 'Thank you for telling us.');
  }
});

t.test('resolved, for one who told us after it had been marked fixed', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { db } = base;
  const issueId = await anIssue(db);
  const updateId = await resolve(db, issueId, undefined, 'fixed', new Date('2020-01-02T03:04:00Z'));
  const [reportId] = await reportsOf(db, issueId, ['a@example.com']);
  await db
    .transaction()
    .execute((trx) =>
      owePerson(
        trx,
        { template: 'resolved', reportId: reportId!, address: 'a@example.com', issueId, updateId },
        new Date(),
      ),
    );
  const { subject, text } = await compose(base, 'resolved');
  t.match(subject, /^We had marked it as fixed: /, 'not that it is, to one who says that it is not');
  t.match(text, 'We had marked it as fixed on 2 January 2020, 03:04 UTC, before you wrote to us.');
  t.match(text, 'a person will read what you wrote');
});

t.test('update: where it stands, what was said, when more comes', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { db } = base;
  const issueId = await anIssue(db, { next_update_at: promised });
  await reportsOf(db, issueId, ['a@example.com']);
  const id = newId();
  const message =
    'We found it: a *full* disk.\n\n- more room comes tonight\n- see [our notes](https://example.org/n)';
  await db
    .insertInto('issue_update')
    .values({ id, issue_id: issueId, status: 'identified', message, created_at: new Date() })
    .execute();
  await db.transaction().execute((trx) => oweReporters(trx, 'update', { id, issueId }, new Date()));
  const { subject, text, html } = await compose(base, 'update');
  t.equal(subject, 'Update: Uploads stop at 99 %');
  t.match(text, 'we know the cause and are working on it.');
  t.match(text, message, 'as written');
  t.match(html, 'more room comes tonight</li>');
  t.match(text, 'Next update by: 21 November 2099, 19:00 UTC');
});

t.test('linked: it is known; and when it is closed by now, since when', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { db } = base;
  const issueId = await anIssue(db, { workaround: 'Upload it in two parts.', next_update_at: promised });
  const [reportId] = await reportsOf(db, issueId, ['a@example.com'], {
    state: 'linked',
    linked_at: new Date(),
  });
  await db
    .transaction()
    .execute((trx) =>
      owePerson(
        trx,
        { template: 'linked', reportId: reportId!, address: 'a@example.com', issueId },
        new Date(),
      ),
    );
  const open = await compose(base, 'linked');
  t.equal(open.subject, 'We know about this: Uploads stop at 99 %');
  t.match(open.text, 'It is not your fault.');
  t.match(open.text, 'What you can do meanwhile:\n\nUpload it in two parts.');
  await resolve(db, issueId, undefined, 'fixed', new Date('2020-01-02T03:04:00Z'));
  t.match((await compose(base, 'linked')).text, 'It is fixed since 2 January 2020, 03:04 UTC.');
});

t.test('answered: kind, with a person to turn to', async (t) => {
  for (const verdict of ['not_a_bug', 'works_as_designed', 'need_more', 'not_reproducible'] as const) {
    const base = await freshDatabase(t, 'postgres');
    const { db } = base;
    const [reportId] = await reportsOf(db, null, ['a@example.com'], {
      state: 'answered',
      verdict,
      answer: 'Which browser do you use?',
      answered_at: new Date(),
    });
    await db
      .transaction()
      .execute((trx) =>
        owePerson(trx, { template: 'answered', reportId: reportId!, address: 'a@example.com' }, new Date()),
      );
    const { text } = await compose(base, 'answered');
    t.match(text, 'Which browser do you use?');
    t.match(text, /reply to this mail/i);
    t.notMatch(text, /as expected|user error|inconvenience|as soon as possible/i);
    const bare = await compose(base, 'answered', { ...page, supportEmail: null });
    const way =
      verdict === 'need_more'
        ? /Answer the question:\nhttps:\/\/status\.example\.org\/r\//
        : 'https://status.example.org/report';
    t.match(bare.text, way, 'without support there is still a way to answer');
    t.notMatch(bare.text, /reply/i);
  }
});

t.test('a maintenance that is over is called completed', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { db } = base;
  const now = new Date();
  const issueId = await anIssue(db, {
    kind: 'maintenance',
    title: 'New disks',
    status: 'completed',
    resolved_at: now,
  });
  await reportsOf(db, issueId, ['a@example.com'], { created_at: new Date(0) });
  const id = newId();
  await db
    .insertInto('issue_update')
    .values({ id, issue_id: issueId, status: 'completed', message: 'All done.', created_at: now })
    .execute();
  await db.transaction().execute((trx) => oweReporters(trx, 'resolved', { id, issueId }, now));
  const { subject, text } = await compose(base, 'resolved');
  t.equal(subject, 'Completed: New disks');
  t.match(text, 'The work is completed.');
});

t.test(
  'on the wire: text before HTML, the headers of an automatic mail, and nothing typed is markup',
  async (t) => {
    const base = await freshDatabase(t, 'postgres');
    const { db } = base;
    const smtp = await smtpServer(t);
    const title = 'Größe: *all* [x](https://evil.example) <b>&amp; "_y_" `z` # 1';
    const issueId = await anIssue(db, { title });
    const [reportId] = await reportsOf(db, issueId, ['ann@example.com']);
    await resolve(db, issueId, 'Done <script>alert(1)</script> & *well*.');
    notify(t, db, smtp.url);
    await until(() => smtp.accepted().length === 1);
    const { raw, messageId, to, from } = smtp.received[0]!;
    const mail = await PostalMime.parse(raw);
    const [delivery] = await deliveries(db);
    const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value;
    const token = links.token('leave', reportId!);
    t.same([from, to], ['status@example.org', ['ann@example.com']]);
    t.equal(messageId, delivery!.message_id);
    t.equal(Math.floor(delivery!.created_at.getTime() / 1000) * 1000, new Date(mail.date!).getTime());
    t.equal(mail.subject, `Fixed: ${title}`);
    t.equal(header('auto-submitted'), 'auto-generated');
    t.equal(header('list-unsubscribe'), `<https://status.example.org/r/${token}/unsubscribe>`);
    t.equal(header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
    t.equal(header('in-reply-to'), `<issue.${issueId}@localhost>`);
    t.equal(header('references'), `<issue.${issueId}@localhost>`);
    t.equal(header('reply-to'), 'help@example.org');
    t.equal(header('x-mailer'), undefined);
    t.ok(raw.indexOf('text/plain') < raw.indexOf('text/html'), 'text part first');
    t.match(mail.text, title, 'the title as it is');
    t.match(mail.text, 'Done <script>alert(1)</script> & *well*.', 'the message as written');
    t.match(mail.html, '&lt;b&gt;&amp;amp; &quot;_y_&quot;');
    t.notMatch(mail.html, /<b>|<script|evil\.example"|<img/);
    t.match(mail.html, '<em>well</em>');
    t.match(mail.html, '<html lang="en">');
    t.notMatch(raw, /canary/i, 'no words and no name of a visitor');
  },
);
