import type { Db } from '../db.ts';
import { hearingLines } from '../domain/hearing.ts';
import { choicesAsJson, readChoices } from './choices.ts';
import { findSubscriber } from './own-page.ts';
import { mailsTo } from './read-mails.ts';

const mostMails = 100_000;

/** Everything we hold about a subscription, for the person herself. Throws NotFound. */
export async function exportSubscription(db: Db, id: string): Promise<object> {
  const her = await findSubscriber(db, id);
  const choices = (await readChoices(db, [her])).get(id)!;
  const steps = await readSteps(db, id);
  const mails = await mailsTo(db, id, mostMails);
  const hooks = await db
    .selectFrom('webhook')
    .select(['kind', 'name', 'url', 'created_at', 'paused_at'])
    .where('subscriber_id', '=', id)
    .execute();
  const suppression = await db
    .selectFrom('suppression')
    .select(['reason', 'source', 'created_at'])
    .where('address_key', '=', her.email_key)
    .executeTakeFirst();
  return {
    subscription: {
      id: her.id,
      email: her.email,
      state: her.state,
      source: her.source,
      created_at: her.created_at,
      confirmed_at: her.confirmed_at,
      ...choicesAsJson(choices),
      in_words: hearingLines(choices),
    },
    consent: steps,
    mails: mails.map(({ title, kind, resolution, status, ...mail }) => ({ ...mail, issue: title })),
    webhooks: hooks,
    no_mail_goes_there: suppression ?? null,
  };
}

/** The proof of consent, oldest first. */
export function readSteps(db: Db, id: string) {
  return db
    .selectFrom('consent')
    .select(['act', 'at', 'source', 'detail'])
    .where('subscriber_id', '=', id)
    .orderBy('seq')
    .execute();
}
