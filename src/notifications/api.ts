import * as z from 'zod';
import { byId, maybeTime, time } from '../api/fields.ts';
import { type ApiRoute, reads } from '../api/route.ts';
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
      transport: z.enum(['smtp', 'files']),
      note: z.string().nullable(),
      paused: z.object({ since: time, reason: z.string() }).nullable(),
    }),
    run: async (db, { params, site }) => ({
      ...(await progressOf(db, params.id)),
      transport: site.mail,
      note: site.mail === 'files' ? filesNote : null,
      paused: await pauseOf(db),
    }),
  }),
];
