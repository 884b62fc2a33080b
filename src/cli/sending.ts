import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { utcLong } from '../domain/times.ts';
import { CannotStart } from '../errors.ts';
import { readHold, resumeSending } from '../notifications/hold.ts';
import { readWaiting } from '../notifications/waiting.ts';
import { auditOperator } from '../staff/audit.ts';
import { withDatabaseAsItIs } from './as-it-is.ts';

const help = `candor sending
candor sending resume [--cancel-queued]

Says whether mail goes out, and what waits. After a backup was brought back nothing is sent until \`resume\`: what was
queued then may have been sent since. It goes out under the same Message-ID, so that most mail programs show it once;
--cancel-queued cancels it instead. What was queued after that is sent either way.
(With the embedded database stop the server first, or use the button at the top of the desk.)
`;

export const sendingCommand = { help, run };

async function run([action, ...args]: string[]): Promise<void> {
  switch (action) {
    case undefined:
      return status();
    case 'resume':
      return resume(args);
    default:
      throw new CannotStart(`sending takes nothing, or resume.\n${help}`);
  }
}

async function status(): Promise<void> {
  await withDatabaseAsItIs(readConfig(), async ({ db }) => {
    const held = await readHold(db);
    const { pause, kinds } = await readWaiting(db);
    if (held) {
      console.log(`held since ${utcLong(held.since)}: ${held.reason}`);
      console.log('Look at what waits below, then: candor sending resume [--cancel-queued]');
    } else if (pause) {
      console.log(`paused since ${utcLong(pause.since)}: ${pause.reason}`);
      console.log('It goes on by itself once that is mended.');
    } else {
      console.log('mail goes out');
    }
    if (kinds.length === 0) console.log('nothing waits');
    for (const { template, to, count, oldest } of kinds) {
      console.log(`${count} waiting  ${template} (${to})  the oldest since ${utcLong(oldest)}`);
    }
  });
}

async function resume(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { 'cancel-queued': { type: 'boolean', default: false } } });
  const now = new Date();
  await withDatabaseAsItIs(readConfig(), async ({ db }) => {
    const done = await db.transaction().execute(async (trx) => {
      const held = await resumeSending(trx, now, { cancelQueued: values['cancel-queued'] });
      if (!held) return null;
      const { since, reason, cancelled } = held;
      const detail = { held_since: since.toISOString(), reason, cancelled };
      await auditOperator(trx, { act: 'let mail go out again', about: 'sending', detail }, now);
      return held;
    });
    if (!done) return void console.log('Mail is not held; there was nothing to do.');
    if (values['cancel-queued']) {
      const { cancelled } = done;
      console.log(`${cancelled} queued ${cancelled === 1 ? 'mail was' : 'mails were'} cancelled.`);
    }
    console.log('Mail goes out again.');
  });
}
