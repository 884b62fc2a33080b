import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { Choices } from '../domain/hearing.ts';
import { choicesAsJson } from './choices.ts';

/** Somebody to add, as we understood it. */
export interface Entry {
  /** Where in the list she stands. */
  index: number;
  id: string;
  email: string;
  key: string;
  choices: Choices;
  /** Null: nobody vouches for it, so she is asked. */
  consentedAt: Date | null;
  source: string;
}

/** Where each of these addresses stands with us, if it does, locked. */
export async function whatIsThere(
  trx: Trx,
  entries: readonly Entry[],
): Promise<Map<string, 'left' | 'asked' | 'there'>> {
  const keys = entries.map((one) => one.key);
  const { rows } = await sql<{ key: string; was: 'left' | 'asked' | 'there' }>`
    select s.email_key as key,
      case s.state when 'left' then 'left' when 'unconfirmed' then 'asked' else 'there' end as was
    from subscriber s where s.email_key = any(${keys}::text[]) order by s.email_key for update`.execute(trx);
  return new Map(rows.map((row) => [row.key, row.was]));
}

/**
 * Keeps these people with what they hear of and the proof of why, and answers them with the number of the proof; without
 * those whom somebody else added meanwhile.
 */
export async function keepEntries(
  trx: Trx,
  entries: readonly Entry[],
  now: Date,
): Promise<(Entry & { seq: number })[]> {
  const { rows } = await sql<{ id: string; key: string }>`
    insert into subscriber (id, email, state, hears, incidents_only, source, created_at, confirmed_at)
    select one.id, one.email, case when one.consented_at is null then 'unconfirmed' else 'active' end,
      one.hears, one.incidents_only, one.source, ${now}::timestamptz, one.consented_at
    from jsonb_to_recordset(${JSON.stringify(entries.map(asRow))}::jsonb) as one (id text, email text, hears text,
      incidents_only boolean, source text, consented_at timestamptz)
    order by lower(one.email)
    on conflict (email_key) do update set state = excluded.state, hears = excluded.hears,
      incidents_only = excluded.incidents_only, source = excluded.source, confirmed_at = excluded.confirmed_at
    where subscriber.state = 'unconfirmed' and excluded.state = 'active'
    returning id, email_key as key`.execute(trx);
  const ids = new Map(rows.map((row) => [row.key, row.id]));
  const kept = entries.flatMap((one) => (ids.has(one.key) ? [{ ...one, id: ids.get(one.key)! }] : []));
  await keepChosen(trx, kept);
  const seqs = await keepProofs(trx, kept, now);
  return kept.map((one) => ({ ...one, seq: seqs.get(one.id)! }));
}

function asRow({ id, email, choices, consentedAt, source }: Entry) {
  const { hears, incidentsOnly } = choices;
  return { id, email, hears, incidents_only: incidentsOnly, source, consented_at: consentedAt };
}

async function keepChosen(trx: Trx, kept: readonly Entry[]): Promise<void> {
  const ids = kept.map((one) => one.id);
  const chosen = kept.flatMap(({ id, choices: { hears, components, issues } }) => [
    ...(hears === 'components' ? components : []).map((component) => ({ id, component })),
    ...issues.map((issue) => ({ id, issue })),
  ]);
  const rows = sql`jsonb_to_recordset(${JSON.stringify(chosen)}::jsonb) as one (id text, component text, issue text)`;
  await sql`delete from subscriber_component where subscriber_id = any(${ids}::text[])`.execute(trx);
  await sql`delete from subscriber_issue where subscriber_id = any(${ids}::text[])`.execute(trx);
  await sql`
    insert into subscriber_component (subscriber_id, component_id)
    select distinct one.id, one.component from ${rows} where one.component is not null`.execute(trx);
  await sql`
    insert into subscriber_issue (subscriber_id, issue_id)
    select distinct one.id, one.issue from ${rows} where one.issue is not null`.execute(trx);
}

async function keepProofs(trx: Trx, kept: readonly Entry[], now: Date): Promise<Map<string, number>> {
  const proofs = kept.map(({ id, choices, consentedAt, source }) => ({
    id,
    act: consentedAt === null ? 'asked' : 'imported',
    source,
    detail: { choices: choicesAsJson(choices), ...(consentedAt && { consented_at: consentedAt }) },
  }));
  const { rows } = await sql<{ id: string; seq: number }>`
    insert into consent (subscriber_id, act, at, source, detail)
    select one.id, one.act, ${now}::timestamptz, one.source, one.detail
    from jsonb_to_recordset(${JSON.stringify(proofs)}::jsonb) as one (id text, act text, source text, detail jsonb)
    returning subscriber_id as id, seq`.execute(trx);
  return new Map(rows.map((row) => [row.id, row.seq]));
}
