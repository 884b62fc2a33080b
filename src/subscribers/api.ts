import * as z from 'zod';
import { byId, id, listOf, listQuery } from '../api/fields.ts';
import { type ApiRoute, reads, writes } from '../api/route.ts';
import type { Trx } from '../db.ts';
import { hearsBy, missingIn } from '../domain/hearing.ts';
import { cleanLine } from '../domain/text.ts';
import { subscriberStates } from '../domain/words.ts';
import { Conflict, NotFound, Refused, refuse } from '../errors.ts';
import type { Links } from '../links.ts';
import { addSubscribers } from './add-subscribers.ts';
import { choose } from './change-subscription.ts';
import { knownChoices } from './choices.ts';
import { eraseSubscription } from './erase-subscription.ts';
import { listSubscribers, readSubscriber, subscriberAsJson, subscribersAt } from './read-subscribers.ts';
import {
  type SubscriberEntry,
  subscriberAnswer,
  subscriberPatch,
  subscribersAdded,
  subscribersBody,
} from './schemas.ts';

export const subscribersApi: ApiRoute[] = [
  reads({
    path: '/subscribers',
    summary: 'Who wants to hear, newest first',
    query: z.object({
      ...listQuery,
      state: z.enum(subscriberStates).optional(),
      component_id: id.optional(),
      q: z.string().max(254).transform(cleanLine).optional(),
    }),
    answer: listOf(subscriberAnswer),
    run: async (db, { query }) => {
      const { data, next_cursor } = await listSubscribers(db, query);
      return { data: data.map(subscriberAsJson), next_cursor };
    },
  }),
  writes({
    method: 'POST',
    path: '/subscribers',
    summary:
      'Add a subscriber, or up to 10,000: at once with the time and source of the consent, else asked by mail',
    body: subscribersBody,
    bodyLimit: 32 * 1024 * 1024,
    status: 201,
    answer: z.union([subscriberAnswer, subscribersAdded]),
    run: (trx, { body, now, site }) =>
      Array.isArray(body) ? addMany(trx, body, site.links, now) : addOne(trx, body, site.links, now),
  }),
  reads({
    path: '/subscribers/{id}',
    summary: 'One subscriber',
    params: byId,
    answer: subscriberAnswer,
    run: async (db, { params }) => subscriberAsJson(await readSubscriber(db, params.id)),
  }),
  writes({
    method: 'PATCH',
    path: '/subscribers/{id}',
    summary: 'What a subscriber hears of from now on',
    params: byId,
    body: subscriberPatch,
    status: 200,
    answer: subscriberAnswer,
    run: async (trx, { params, body, now }) => {
      const { state, choices: before } = await readSubscriber(trx, params.id);
      if (state !== 'active' && state !== 'paused')
        throw new Conflict(`This subscriber is ${state}: only the person can choose.`);
      const { components = before.components, issues = before.issues } = body;
      const asked = {
        hears:
          body.hears ?? (body.components || body.issues ? hearsBy({ components, issues }) : before.hears),
        incidentsOnly: body.incidents_only ?? before.incidentsOnly,
        components,
        issues,
      };
      const choices = await knownChoices(trx, asked);
      for (const field of ['components', 'issues'] as const)
        if (choices[field].length < new Set(asked[field]).size) refuse(field, 'one of them is not there');
      const missing = missingIn(choices);
      if (missing) refuse(missing, `must say which ${missing}`);
      await choose(trx, params.id, choices, 'api', now);
      return subscriberAsJson(await readSubscriber(trx, params.id));
    },
  }),
  writes({
    method: 'DELETE',
    path: '/subscribers/{id}',
    summary: 'Erase a subscriber',
    params: byId,
    status: 204,
    answer: z.null(),
    run: async (trx, { params, now }) => {
      await eraseSubscription(trx, params.id, now);
      return null;
    },
  }),
];

async function addOne(trx: Trx, entry: SubscriberEntry, { bucket }: Links, now: Date) {
  const { consented_at, ...rest } = entry;
  const given = { ...rest, ...(consented_at && { consented_at: consented_at.toISOString() }) };
  const [outcome] = await addSubscribers(trx, [given], { bucket, source: 'api' }, now);
  const [her] = await subscribersAt(trx, [entry.email]);
  const { did, reason } = outcome!;
  if (did === 'rejected') throw new Refused(reason);
  if (did === 'left') throw new Conflict(`This address ${reason}.`);
  if (!her) throw new NotFound('This subscriber is gone again.');
  if (did === 'there') throw new Conflict(`This address is there already, as ${her.id} (${her.state}).`);
  return subscriberAsJson(her);
}

async function addMany(trx: Trx, given: unknown[], { bucket }: Links, now: Date) {
  const outcomes = await addSubscribers(trx, given, { bucket, source: 'api' }, now);
  const those = (...dids: string[]) => outcomes.filter((one) => dids.includes(one.did));
  const added = those('added', 'asked');
  const emailAt = (index: number) => String((given[index] as { email: unknown }).email).trim();
  const addresses = new Map(added.map(({ index }) => [emailAt(index).toLowerCase(), index]));
  const mute = (await subscribersAt(trx, [...addresses.keys()])).filter((one) => one.suppressed !== null);
  return {
    added: added.length,
    already_there: those('there').length,
    rejected: those('left', 'rejected').map(({ index, reason }) => ({ index, reason })),
    suppressed: mute.map((one) => ({ index: addresses.get(one.email_key)!, reason: one.suppressed! })),
  };
}
