import * as z from 'zod';
import { type ApiRoute, writes } from '../api/route.ts';
import { draftStates } from '../domain/words.ts';
import type { IssueDraft } from '../hearing-tables.ts';
import { alertmanagerBody, readAlertmanager } from './alertmanager.ts';
import { takeAlarm } from './drafts.ts';
import { alarmBody, readAlarm } from './read-alarm.ts';

/** `new` waits for a person; null: the end of an alarm we never heard of. */
const draftAnswer = z.object({
  id: z.string().nullable(),
  state: z.enum(draftStates).nullable(),
  firing: z.boolean(),
  times: z.int(),
  issue_id: z.string().nullable(),
});

const route = { method: 'POST', scope: 'alert', audited: false, status: 200, answer: draftAnswer } as const;

export const draftsApi: ApiRoute[] = [
  writes({
    ...route,
    path: '/alerts',
    summary: 'Say that something is wrong, or over; staff look at it and nothing becomes public by itself',
    body: alarmBody,
    run: async (trx, { body, now }) => asJson(await takeAlarm(trx, await readAlarm(trx, body), now)),
  }),
  writes({
    ...route,
    path: '/alerts/alertmanager',
    summary: 'The same as Alertmanager of Prometheus says it to a webhook',
    body: alertmanagerBody,
    bodyLimit: 8 * 1024 * 1024,
    run: async (trx, { body, now }) => asJson(await takeAlarm(trx, await readAlertmanager(trx, body), now)),
  }),
];

function asJson(draft: IssueDraft | null): z.input<typeof draftAnswer> {
  const { id = null, state = null, firing = false, times = 0, issue_id = null } = draft ?? {};
  return { id, state, firing, times, issue_id };
}
