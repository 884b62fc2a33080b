import * as z from 'zod';
import { byId, maybeTime, time } from '../api/fields.ts';
import { type ApiRoute, reads } from '../api/route.ts';
import type { Db } from '../db.ts';
import { readTold } from '../told.ts';
import { pauseOf, progressOf } from './progress.ts';

const filesNote =
  'SMTP_URL is not set: mails are only written to files in DATA_DIR/mail, and nothing leaves this machine.';

export const notificationsApi: ApiRoute[] = [
  reads({
    path: '/issues/{id}/notifications',
    summary: 'How far the mails of the newest update that mails people have come',
    params: byId,
    answer: z.object({
      update_id: z.string().nullable(),
      total: z.int(),
      queued: z.int(),
      sent: z.int(),
      failed: z.int(),
      suppressed: z.int(),
      cancelled: z.int(),
      first_queued_at: maybeTime,
      last_sent_at: maybeTime,
      /** Once it is over: how many told us, and what became of each one's mail, as the public page says it. */
      reporters: z
        .object({
          people: z.int(),
          told: z.int(),
          /** Of those, how many were told that it is fixed for some, and nothing since. */
          told_for_some: z.int(),
          waiting: z.int(),
          waiting_for_fix: z.int(),
          failed: z.int(),
          suppressed: z.int(),
          without_mail: z.int(),
          without_address: z.int(),
          took_back: z.int(),
          last_told_at: maybeTime,
        })
        .nullable(),
      transport: z.enum(['smtp', 'files']),
      note: z.string().nullable(),
      paused: z.object({ since: time, reason: z.string() }).nullable(),
    }),
    run: async (db, { params, site }) => ({
      ...(await progressOf(db, params.id)),
      reporters: await reportersOf(db, params.id),
      transport: site.mail,
      note: site.mail === 'files' ? filesNote : null,
      paused: await pauseOf(db),
    }),
  }),
];

async function reportersOf(db: Db, issueId: string) {
  const told = await readTold(db, issueId);
  return (
    told && {
      people: told.people,
      told: told.sent,
      told_for_some: told.forSome,
      waiting: told.waiting,
      waiting_for_fix: told.waitingForFix,
      failed: told.failed,
      suppressed: told.suppressed,
      without_mail: told.unmailed,
      without_address: told.silent,
      took_back: told.tookBack,
      last_told_at: told.lastAt?.toISOString() ?? null,
    }
  );
}
