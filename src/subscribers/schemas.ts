import * as z from 'zod';
import { address, id, instant, line, maybeTime, time } from '../api/fields.ts';
import { hearsBy, missingIn } from '../domain/hearing.ts';
import { hearings, subscriberStates } from '../domain/words.ts';

const chosen = {
  components: z.array(id).max(500).optional(),
  issues: z.array(id).max(500).optional(),
  hears: z.enum(hearings).optional(),
  incidents_only: z.boolean().optional(),
};

/** Somebody to add: at once where somebody vouches for her consent, else she is asked by mail. */
export const subscriberEntry = z
  .strictObject({
    email: address,
    ...chosen,
    consented_at: instant.optional(),
    consent_source: line(200).optional(),
  })
  .superRefine((entry, context) => {
    const { components = [], issues = [] } = entry;
    const choices = { hears: entry.hears ?? hearsBy({ components, issues }), components, issues };
    const missing = missingIn({ ...choices, incidentsOnly: false });
    if (missing) context.addIssue({ code: 'custom', path: [missing], message: `must say which ${missing}` });
    if ((entry.consented_at === undefined) !== (entry.consent_source === undefined)) {
      const path = [entry.consented_at === undefined ? 'consented_at' : 'consent_source'];
      context.addIssue({ code: 'custom', path, message: 'is missing: consent has a time and a source' });
    }
  });
export type SubscriberEntry = z.output<typeof subscriberEntry>;

/** Each entry of a list is checked by itself, so that one wrong line does not refuse the others. */
export const subscribersBody = z.union([
  z.array(z.unknown()).max(10_000, 'takes at most 10,000'),
  subscriberEntry,
]);

export const subscriberPatch = z
  .strictObject(chosen)
  .refine((body) => Object.values(body).some((one) => one !== undefined), 'must change something');

export const subscriberAnswer = z.object({
  id: z.string(),
  email: z.string(),
  state: z.enum(subscriberStates),
  hears: z.enum(hearings),
  incidents_only: z.boolean(),
  components: z.array(z.string()),
  issues: z.array(z.string()),
  source: z.string(),
  created_at: time,
  confirmed_at: maybeTime,
  /** Why no mail goes to this address; null where nothing is in the way. */
  suppressed: z.string().nullable(),
});

const listed = z.array(z.object({ index: z.int(), reason: z.string() }));

export const subscribersAdded = z.object({
  added: z.int(),
  already_there: z.int(),
  rejected: listed,
  /** Added all the same, but no mail goes there. */
  suppressed: listed,
});
