import PostalMime from 'postal-mime';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { oweRehearsal, oweStaffLink } from '../../src/notifications/outbox.ts';
import { onBoth } from '../fixtures/db.ts';
import {
  anIssue,
  deliveries,
  drained,
  links,
  notify,
  page,
  reportsOf,
  resolve,
  until,
} from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const show = process.env.SHOW_MAILS === '1';
const day = 24 * 3_600_000;

onBoth(
  t,
  'an invitation: who invites her, where to, until when; and the same bytes on a retry',
  async (t, { db }) => {
    const smtp = await smtpServer(t, { drop: () => (smtp.received.length < 1 ? 'after' : null) });
    const linkId = await aLink(db, { purpose: 'invitation', invited_by: 'Sue *Owner*' });
    await db.transaction().execute(async (trx) => {
      await oweStaffLink(trx, { linkId, address: 'Ben@example.com' }, new Date());
      await oweStaffLink(trx, { linkId, address: 'Ben@example.com' }, new Date());
    });
    notify(t, db, smtp.url, { random: () => 0 });
    await until(async () => (await deliveries(db))[0]?.maybe_delivered === 1);
    await db.updateTable('delivery').set({ due_at: new Date() }).execute();
    await until(() => smtp.accepted().length === 1);
    const [first, second] = smtp.received;
    t.equal(second!.raw, first!.raw, 'the same bytes, under the same id');
    const mail = await PostalMime.parse(second!.raw);
    if (show) console.error(`\n===== ${mail.subject}\n\n${mail.text}\n${mail.html}`);
    const link = `https://status.example.org/admin/join/${links.token('staff', linkId)}`;
    t.equal(mail.subject, 'Your invitation to the Example Status desk');
    t.match(mail.text, 'Sue *Owner* invites you to the desk of Example Status');
    t.match(mail.text, `Accept the invitation:\n${link}`);
    t.match(mail.html, `href="${link}"`);
    t.match(mail.text, /The link works once, until \d+ \w+ 20\d\d/);
    t.equal(header(mail, 'auto-submitted'), 'auto-generated');
    t.equal(header(mail, 'list-unsubscribe'), undefined, 'there is no list to leave');
    t.equal(header(mail, 'in-reply-to'), undefined);
  },
);

onBoth(t, 'a link that opens nothing any more is not mailed', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const used = await aLink(db, { used_at: new Date() });
  const expired = await aLink(db, { expires_at: new Date(Date.now() - 1000) });
  const disabled = await aLink(db, {}, { disabled_at: new Date() });
  const forgotten = await aLink(db, { purpose: 'password' });
  await db.transaction().execute(async (trx) => {
    for (const [n, linkId] of [used, expired, disabled, forgotten].entries())
      await oweStaffLink(trx, { linkId, address: `p${n}@example.com` }, new Date());
  });
  notify(t, db, smtp.url);
  t.same(await drained(db), { cancelled: 3, sent: 1 });
  t.same(
    (await deliveries(db)).map((one) => one.reason),
    [
      'the link was used, or a newer one took its place',
      'the link had expired',
      'the account was closed',
      null,
    ],
  );
  const mail = await PostalMime.parse(smtp.received[0]!.raw);
  if (show) console.error(`\n===== ${mail.subject}\n\n${mail.text}`);
  t.equal(mail.subject, 'Your link to sign in to the Example Status desk');
  t.match(mail.text, 'without this mail nobody comes in');
});

onBoth(
  t,
  'a rehearsal is the very mail, to whoever wrote it alone, and opens nobody’s report',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const title = 'Größe: *all* <b>&amp;';
    const issueId = await anIssue(db, { title });
    const [reportId] = await reportsOf(db, issueId, ['ann@example.com']);
    const draft = { message: 'Done, & *well*.', resolution: 'fixed' } as const;
    const owe = () =>
      db
        .transaction()
        .execute((trx) => oweRehearsal(trx, { issueId, address: 'sue@example.com', draft }, new Date()));
    await owe();
    await owe();
    notify(t, db, smtp.url);
    t.same(await drained(db), { sent: 2 }, 'each call is a mail');
    t.same(
      smtp.received.map((one) => one.to),
      [['sue@example.com'], ['sue@example.com']],
    );
    const mail = await PostalMime.parse(smtp.received[0]!.raw);
    if (show) console.error(`\n===== ${mail.subject}\n\n${mail.text}\n${mail.html}`);
    t.equal(mail.subject, `[Draft, to you alone] Fixed: ${title}`);
    t.match(mail.text, /^This is a draft, and it went to you alone\. Nobody has been told anything yet\./);
    t.match(mail.text, 'Done, & *well*.');
    t.notMatch(smtp.received[0]!.raw, '/r/', 'no link to a report');
    t.notMatch(smtp.received[0]!.raw, /ann@|canary/i);
    t.equal(header(mail, 'list-unsubscribe'), undefined);
    t.equal(header(mail, 'auto-submitted'), 'auto-generated');
    const issue = await db
      .selectFrom('issue')
      .selectAll()
      .where('id', '=', issueId)
      .executeTakeFirstOrThrow();
    t.equal(issue.status, 'identified', 'nothing is closed by it');

    await resolve(db, issueId, draft.message);
    await drained(db);
    const real = await PostalMime.parse(smtp.received.find((one) => one.to[0] === 'ann@example.com')!.raw);
    const own = `https://status.example.org/r/${links.token('report', reportId!)}`;
    const leave = `https://status.example.org/r/${links.token('leave', reportId!)}/unsubscribe`;
    const known = `https://status.example.org/issues/${issueId}`;
    const asDraft = real.text!.replace(own, known).replace(leave, known);
    t.ok(mail.text!.endsWith(asDraft), 'the rest is word for word what a reporter got');
    t.equal(mail.subject, `[Draft, to you alone] ${real.subject}`);
    t.equal(page.baseUrl, 'https://status.example.org');
  },
);

async function aLink(
  db: Db,
  fields: Partial<{
    purpose: 'invitation' | 'password';
    invited_by: string;
    used_at: Date;
    expires_at: Date;
  }>,
  person: { disabled_at?: Date } = {},
): Promise<string> {
  const [staffId, id] = [newId(), newId()];
  await db
    .insertInto('staff')
    .values({
      id: staffId,
      email: `${staffId}@example.com`,
      name: 'Ben',
      role: 'support',
      password: null,
      subject: null,
      created_at: new Date(),
      disabled_at: null,
      last_seen_at: null,
      ...person,
    })
    .execute();
  await db
    .insertInto('staff_link')
    .values({
      id,
      staff_id: staffId,
      purpose: 'invitation',
      invited_by: null,
      created_at: new Date(),
      expires_at: new Date(Date.now() + day),
      used_at: null,
      ...fields,
    })
    .execute();
  return id;
}

function header(mail: Awaited<ReturnType<typeof PostalMime.parse>>, name: string): string | undefined {
  return mail.headers.find(({ key }) => key === name)?.value;
}
