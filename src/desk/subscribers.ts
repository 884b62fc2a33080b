import { stringify } from 'csv-stringify/sync';
import { sql } from 'kysely';
import { hearingLines, subscriberWords } from '../domain/hearing.ts';

import { type Moment, moment } from '../domain/moment.ts';
import { type SubscriberState, subscriberStates } from '../domain/words.ts';
import { countSubscribers, listSubscribers } from '../subscribers/read-subscribers.ts';
import { view } from '../views.ts';
import type { DeskPage } from './frame.ts';
import { type DeskRoute, look, type Visit } from './route.ts';

interface SubscribersPage extends DeskPage {
  section: 'subscribers';
  q: string;
  state: SubscriberState | '';
  states: { value: SubscriberState; words: string; count: number; href: string }[];
  rows: { id: string; address: string; state: string; lines: string[]; since: Moment; suppressed: boolean }[];
  next: string | null;
  outcome: string;
}

const render = view<SubscribersPage>('desk/subscribers.eta');
const perPage = 50;
const shownFirst: SubscriberState[] = ['active', 'paused', 'unconfirmed', 'left'];

/** Who wants to hear from us. */
export const subscribersRoutes: DeskRoute[] = [
  look('GET /admin/subscribers', page),
  look('GET /admin/subscribers.csv', async (visit) => ({
    body: await asCsv(visit),
    type: 'text/csv; charset=utf-8',
    file: 'subscribers.csv',
  })),
];

async function page({ db, desk, query }: Visit): Promise<string> {
  const q = query.q?.trim().slice(0, 254) ?? '';
  const state = subscriberStates.find((one) => one === query.state);
  const { cursor } = query;
  const { data, next_cursor } = await listSubscribers(db, { limit: perPage, q, state, cursor });
  const counts = await countSubscribers(db);
  const kept = { ...(q && { q }), ...(state && { state }) };
  return render({
    desk,
    title: 'Subscribers',
    here: 'settings',
    section: 'subscribers',
    q,
    state: state ?? '',
    states: shownFirst.map((value) => ({
      value,
      words: subscriberWords[value],
      count: counts[value],
      href: `?${new URLSearchParams({ ...(q && { q }), state: value })}`,
    })),
    rows: data.map((one) => ({
      id: one.id,
      address: one.email,
      state: subscriberWords[one.state],
      lines: hearingLines(one.choices),
      since: moment(one.created_at),
      suppressed: one.suppressed !== null,
    })),
    next: next_cursor && `?${new URLSearchParams({ ...kept, cursor: next_cursor })}`,
    outcome: outcomeOf(query),
  });
}

function outcomeOf({ added, asked }: Visit['query']): string {
  const count = (text: string | undefined) => (/^\d{1,5}$/.test(text ?? '') ? Number(text) : 0);
  const parts = [
    ...(added === undefined ? [] : [`${count(added)} hear from us from now on.`]),
    ...(count(asked) > 0 ? [`${count(asked)} are asked by mail first.`] : []),
  ];
  return parts.join(' ');
}

async function asCsv({ db }: Visit): Promise<string> {
  const { rows } = await sql<Record<string, unknown> & { created_at: Date; consented_at: Date | null }>`
    select s.email, s.state, s.hears, s.incidents_only, s.confirmed_at as consented_at, s.source as consent_source,
      s.created_at, (select string_agg(component.name, '; ' order by component.position, component.name)
        from subscriber_component part join component on component.id = part.component_id
        where part.subscriber_id = s.id) as components
    from subscriber s order by s.created_at, s.id`.execute(db);
  return stringify(
    rows.map((row) => ({
      ...row,
      incidents_only: row.incidents_only ? 'yes' : 'no',
      consented_at: row.consented_at?.toISOString() ?? '',
      consent_source: row.consented_at ? row.consent_source : '',
      created_at: row.created_at.toISOString(),
    })),
    {
      header: true,
      escape_formulas: true,
      columns: [
        'email',
        'state',
        'hears',
        'components',
        'incidents_only',
        'consented_at',
        'consent_source',
        'created_at',
      ],
    },
  );
}
