import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import { openIssue } from '../../src/issues/open-issue.ts';
import { postUpdate } from '../../src/issues/post-update.ts';
import { issueBody } from '../../src/issues/schemas.ts';
import { withdraw } from '../../src/reports/change-report.ts';
import { meToo } from '../../src/reports/file-report.ts';
import { onBoth } from '../fixtures/db.ts';
import { drained, notify } from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

// Whatever happens in whatever order: who is told what, in a model of a few sets, is what the mail server received.

const issues = 2;
const people = 4;
const someIssue = fc.nat(issues - 1);
const someone = fc.nat(people - 1);
const deed = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('me too' as const), issue: someIssue, who: someone }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('withdraw' as const), issue: someIssue, who: someone }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('resolve or reopen' as const), issue: someIssue, who: someone }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('mails go out' as const), issue: someIssue, who: someone }),
  },
);
type Deed = { does: string; issue: number; who: number };

onBoth(t, 'the mails received are those of the model, each once', async (t, base) => {
  const smtp = await smtpServer(t);
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 25 }), async (deeds) => {
      const { expected, received } = await live(t, base, smtp, deeds);
      t.same(received.sort(), expected.sort());
      return JSON.stringify(received) === JSON.stringify(expected);
    }),
    { numRuns: 12 },
  );
});

/** Does the deeds for real and in the model, and answers what each of them says was received: "event address". */
async function live(t: Test, { db }: Database, smtp: SmtpStandIn, deeds: Deed[]) {
  const before = smtp.accepted().length;
  const ids: string[] = [];
  for (let n = 0; n < issues; n++) {
    const body = issueBody.parse({ title: `Issue ${n}`, kind: 'bug', message: 'We know about this.' });
    ids.push(await db.transaction().execute((trx) => openIssue(trx, body, new Date())));
  }
  const address = (who: number) => `p${who}-${ids[0]}@example.com`;
  const standing: string[][][] = ids.map(() => Array.from({ length: people }, () => []));
  const closedBy: (string | null)[] = ids.map(() => null);
  let queued: { event: string; issue: number; who: number; report: string | null }[] = [];
  const expected: string[] = [];
  const owe = (event: string, issue: number, who: number, report: string | null) => {
    const again = [...queued.map((mail) => `${mail.event} ${address(mail.who)}`), ...expected];
    if (!again.includes(`${event} ${address(who)}`)) queued.push({ event, issue, who, report });
  };

  async function mailsGoOut() {
    const { notifier, mailer } = notify(t, db, smtp.url);
    await drained(db);
    await notifier.stop(2_000);
    mailer.close();
    for (const { event, issue, who, report } of queued) {
      const reports = standing[issue]![who]!;
      const wanted = report === null ? reports.length > 0 : reports.includes(report);
      const overAgain = event.startsWith('reopened:') && closedBy[issue] !== null;
      if (wanted && !overAgain) expected.push(`${event} ${address(who)}`);
    }
    queued = [];
  }

  for (const { does, issue, who } of [...deeds, { does: 'mails go out', issue: 0, who: 0 }]) {
    const id = ids[issue]!;
    if (does === 'me too') {
      const email = who % 2 ? address(who) : address(who).toUpperCase().replace('EXAMPLE.COM', 'example.com');
      const told = await db.transaction().execute((trx) => meToo(trx, id, { email }, new Date()));
      standing[issue]![who]!.push(told.id);
      const closing = closedBy[issue];
      if (closing) owe(`resolved:${closing}`, issue, who, null);
      else owe(`receipt:${told.id}`, issue, who, told.id);
    } else if (does === 'withdraw') {
      for (const report of standing[issue]![who]!.splice(0)) {
        await db.transaction().execute((trx) => withdraw(trx, report, new Date()));
      }
    } else if (does === 'resolve or reopen') {
      const status = closedBy[issue] ? 'investigating' : 'resolved';
      const update = await db
        .transaction()
        .execute((trx) => postUpdate(trx, id, { status, message: 'News.' }, new Date()));
      queued = queued.filter((mail) => mail.event !== `resolved:${closedBy[issue]}`);
      const before = closedBy[issue];
      closedBy[issue] = status === 'resolved' ? update.id : null;
      for (const [person, reports] of standing[issue]!.entries()) {
        if (reports.length === 0) continue;
        if (status === 'resolved') owe(`resolved:${update.id}`, issue, person, null);
        else if (expected.includes(`resolved:${before} ${address(person)}`))
          owe(`reopened:${update.id}`, issue, person, null);
      }
    } else {
      await mailsGoOut();
    }
  }

  const events = new Map(
    (await db.selectFrom('delivery').select(['message_id', 'event']).execute()).map((row) => [
      row.message_id,
      row.event,
    ]),
  );
  const received = smtp
    .accepted()
    .slice(before)
    .map((mail) => `${events.get(mail.messageId)} ${mail.to[0]!.toLowerCase()}`);
  return { expected, received };
}
