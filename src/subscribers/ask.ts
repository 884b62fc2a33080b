import { addressKey } from '../address.ts';
import type { Trx } from '../db.ts';
import type { Choices } from '../domain/hearing.ts';
import { newId } from '../ids.ts';
import type { Visitor } from '../limits.ts';
import { oweConfirms } from '../notifications/outbox.ts';
import { choicesAsJson, writeChoices } from './choices.ts';
import { keepConsent } from './consent.ts';
import { mayConfirm } from './quota.ts';

const nobody = '';

/**
 * Somebody, we cannot know who, typed an address and what its owner would like to hear of: owes the owner one mail that
 * asks, at most one in 24 hours. Whoever hears from us already, paused or left stays so, with her choices: nobody but her
 * can change that, and she gets the way to her page. Whoever was asked before is asked anew. Takes the same steps for
 * every address.
 */
export async function askToHear(
  trx: Trx,
  { address, choices }: { address: string; choices: Choices },
  { bucket, network }: Visitor,
  now: Date,
): Promise<void> {
  const { id, email, state } = await findOrAdd(trx, address, now);
  await writeChoices(trx, state === 'unconfirmed' ? id : nobody, choices);
  const mailed = (await mayConfirm(trx, bucket, address, now)) ? id : nobody;
  const detail = {
    network: network === null ? null : bucket('consent', network),
    choices: choicesAsJson(choices),
  };
  const seq = await keepConsent(trx, { subscriberId: mailed, act: 'asked', source: 'form', detail }, now);
  const mails = seq === null ? [] : [{ subscriberId: id, address: email, occasion: String(seq) }];
  await oweConfirms(trx, mails, now);
}

/** The row of an address, locked; what was never confirmed begins anew. */
async function findOrAdd(trx: Trx, address: string, now: Date) {
  const fresh = { email: address, state: 'unconfirmed', source: 'form', created_at: now } as const;
  await trx
    .insertInto('subscriber')
    .values({ id: newId(), ...fresh, confirmed_at: null })
    .onConflict((oc) =>
      oc
        .column('email_key')
        .doUpdateSet({ ...fresh, confirmed_at: null })
        .where('subscriber.state', '=', 'unconfirmed'),
    )
    .execute();
  return trx
    .selectFrom('subscriber')
    .select(['id', 'email', 'state'])
    .where('email_key', '=', addressKey(address))
    .executeTakeFirstOrThrow();
}
