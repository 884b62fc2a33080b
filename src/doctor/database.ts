import { sql } from 'kysely';
import type { Database, Db } from '../db.ts';
import { utcShort } from '../domain/times.ts';
import { compareMigrations } from '../migrate.ts';
import { clockFinding } from './clock.ts';
import { counted, type Finding, fail, ok, warn } from './finding.ts';

/** How the database is: its version and its clock. False as the second where what it holds cannot be looked at. */
export async function examineDatabase({ db, engine }: Database): Promise<[Finding[], boolean]> {
  const { rows } = await sql<{ version: string }>`select split_part(version(), ' ', 2) as version`.execute(
    db,
  );
  const { missing, unknown } = await compareMigrations(db);
  const name = engine === 'embedded' ? 'the embedded database' : `PostgreSQL ${rows[0]?.version}`;
  const there = ok('database', `${name} answers.`);
  if (unknown.length > 0) {
    const says = `It is newer than this program: it has ${unknown.join(', ')}.`;
    return [[there, fail('migrations', says, 'Run the version that made it, or a later one.')], false];
  }
  if (missing.length > 0) {
    const says = `It lacks ${missing.join(', ')}.`;
    return [
      [there, fail('migrations', says, '`candor migrate`, or simply `candor start`, brings it up to date.')],
      false,
    ];
  }
  const findings = [there, ok('migrations', 'It is of this version.')];
  if (engine === 'embedded') {
    const says = 'It survives a crash of the process. A power loss may take the last moments.';
    findings.push(ok('durability', `${says} Where that matters, use PostgreSQL (DATABASE_URL).`));
  } else {
    findings.push(await examineClock(db));
  }
  return [findings, true];
}

async function examineClock(db: Db): Promise<Finding> {
  const before = Date.now();
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db);
  const middle = (before + Date.now()) / 2;
  return clockFinding('clock', 'the database', rows[0]!.at.getTime() - middle, 2_000);
}

interface Held {
  paused_since: Date | null;
  reason: string | null;
  held_since: Date | null;
  held_reason: string | null;
  due: Date | null;
  waiting: number;
  failed: number;
  hooks_failed: number;
  hooks_paused: number;
  sent_back: number;
  by_hand: number;
  people: number;
}

/** What it says of mail and of people. */
export async function examineContent(db: Db, now: Date): Promise<Finding[]> {
  const day = new Date(now.getTime() - 86_400_000);
  const { rows } = await sql<Held>`
    select paused_since, reason, held_since, held_reason,
      (select min(due_at) from delivery where state = 'queued' and webhook_id is null and due_at <= ${now}) as due,
      (select count(*) from delivery
        where state = 'queued' and webhook_id is null and not waits_for_fix) as waiting,
      (select count(*) from delivery
        where state = 'failed' and webhook_id is null and ended_at > ${day}) as failed,
      (select count(*) from delivery join webhook on webhook.id = delivery.webhook_id
        where delivery.state = 'failed' and ended_at > ${day} and webhook.subscriber_id is null) as hooks_failed,
      (select count(*) from webhook where subscriber_id is null and paused_at is not null) as hooks_paused,
      (select count(*) from suppression where source in ('smtp', 'bounce')) as sent_back,
      (select count(*) from suppression where source not in ('smtp', 'bounce')) as by_hand,
      (select count(*) from staff where disabled_at is null and (password is not null or subject is not null)) as people
    from sending`.execute(db);
  const found = rows[0]!;
  return [
    queueFinding({
      waiting: found.waiting,
      waitedMs: found.due ? now.getTime() - found.due.getTime() : 0,
      paused: found.paused_since ? sinceWhen(found.paused_since, found.reason) : null,
      held: found.held_since ? sinceWhen(found.held_since, found.held_reason) : null,
    }),
    found.failed > 0
      ? warn(
          'failed mail',
          `${counted(found.failed, 'mail', 'mails')} failed for good in the last 24 hours.`,
          'The log says why at “mail failed”. An issue’s mails at the desk do, too, and can send them again; an address that takes none stands under Settings, “No mail to”.',
        )
      : ok('failed mail', 'None in the last 24 hours.'),
    hooksFinding(found),
    ok('suppressed', suppressedWords(found)),
    found.people > 0
      ? ok('staff', `${counted(found.people, 'person', 'people')} can sign in to the desk.`)
      : warn(
          'staff',
          'Nobody can sign in to the desk yet.',
          'Open the link that the server prints at its start, or: candor staff add EMAIL --role owner',
        ),
  ];
}

/** The page's own: what becomes of a customer's webhooks she sees on her own page. */
function hooksFinding({ hooks_failed, hooks_paused }: Held): Finding {
  const failed = `${counted(hooks_failed, 'message', 'messages')} failed for good in the last 24 hours`;
  const paused = `${counted(hooks_paused, 'webhook is', 'webhooks are')} paused`;
  const says = [hooks_paused > 0 && paused, hooks_failed > 0 && failed].filter(Boolean).join(', and ');
  return says === ''
    ? ok('webhooks', 'None of the page’s own is paused, and no message failed in the last 24 hours.')
    : warn(
        'webhooks',
        `${says}.`,
        'Settings → Webhooks at the desk says what came back, and can send a test.',
      );
}

function suppressedWords({ sent_back, by_hand }: Held): string {
  if (sent_back + by_hand === 0) return 'No address is kept from getting mail.';
  const why = [
    sent_back > 0 && `${sent_back} since mail to it came back or was refused`,
    by_hand > 0 && `${by_hand} put there by hand or from a list`,
  ];
  const some = counted(sent_back + by_hand, 'address gets', 'addresses get');
  return `${some} no mail any more: ${why.filter(Boolean).join(', ')}.`;
}

function sinceWhen(since: Date, reason: string | null): string {
  return `since ${utcShort(since)}: ${reason ?? 'the reason is unknown'}`;
}

export interface Queue {
  waiting: number;
  /** How long the mail that waits longest has been due. */
  waitedMs: number;
  /** Goes on after "nothing goes out": since when and why. */
  paused: string | null;
  held: string | null;
}

/** Whether what waits will go out. */
export function queueFinding({ waiting, waitedMs, paused, held }: Queue): Finding {
  const some = counted(waiting, 'mail waits', 'mails wait');
  if (held) {
    return warn(
      'mail queue',
      `${some}, and nothing goes out ${held}.`,
      'Look at them, then: candor sending resume',
    );
  }
  if (paused) {
    return fail(
      'mail queue',
      `${some}, and nothing goes out ${paused}.`,
      'Mend the mail server, SMTP_URL or MAIL_FROM. Sending goes on by itself, and none is lost.',
    );
  }
  const minutes = Math.floor(waitedMs / 60_000);
  if (minutes >= 10) {
    return fail(
      'mail queue',
      `${some}, the oldest for ${minutes} minutes.`,
      'Nobody seems to send: let one process run with NOTIFIER=on, and read its log.',
    );
  }
  return ok('mail queue', waiting === 0 ? 'Nothing waits.' : `${some}, none of them for long.`);
}
