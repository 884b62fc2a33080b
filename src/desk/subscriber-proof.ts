import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { consentWords, hearingLines } from '../domain/hearing.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { type Hears, hearings } from '../domain/words.ts';
import { readSteps } from '../subscribers/export.ts';

/** One step of the proof of consent, as a person reads it. */
export interface ProofStep {
  what: string;
  at: Moment;
  how: string;
  /** What was chosen then, and what before. */
  lines: string[];
}

/** The proof that somebody agreed, oldest first, with the names of what was chosen. */
export async function readProof(db: Db, subscriberId: string): Promise<ProofStep[]> {
  const steps = await readSteps(db, subscriberId);
  const read = steps.map(({ detail, ...step }) => ({
    ...step,
    network: textIn(detail.network),
    agreed: textIn(detail.consented_at).slice(0, 10),
    choices: chosenIn(detail.choices),
    before: chosenIn(detail.before),
  }));
  const names = await namesOf(
    db,
    read.flatMap(({ choices, before }) => [choices, before].flatMap((one) => (one ? idsOf(one) : []))),
  );
  return read.map(({ act, at, source, network, agreed, choices, before }) => ({
    what: consentWords[act],
    at: moment(at),
    how: howWords(source, network),
    lines: [
      ...(agreed ? [`The list says that this person agreed on ${agreed}.`] : []),
      ...(choices ? [`Hears of: ${wordsOf(choices, names)}`] : []),
      ...(before ? [`Before: ${wordsOf(before, names)}`] : []),
    ],
  }));
}

interface Chosen {
  hears: Hears;
  incidentsOnly: boolean;
  components: string[];
  issues: string[];
}

function chosenIn(detail: unknown): Chosen | null {
  if (typeof detail !== 'object' || detail === null) return null;
  const { hears, incidents_only, components, issues } = detail as Record<string, unknown>;
  return {
    hears: hearings.find((one) => one === hears) ?? 'everything',
    incidentsOnly: incidents_only === true,
    components: textsIn(components),
    issues: textsIn(issues),
  };
}

const idsOf = ({ components, issues }: Chosen) => [...components, ...issues];

function wordsOf({ hears, incidentsOnly, components, issues }: Chosen, names: Map<string, string>): string {
  const name = (id: string) => names.get(id) ?? 'something that is gone';
  const followed = issues.map((id) => ({ id, title: name(id), overSince: null }));
  return hearingLines({ hears, incidentsOnly, parts: components.map(name), followed }).join(' ');
}

async function namesOf(db: Db, ids: string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from component where id = any(${ids}::text[])
    union all select id, title from issue where id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** By which way it came. The network is on record only as a sign that is the same for the same network. */
function howWords(source: string, network: string): string {
  const sign = network.replace(/^consent:/, '').slice(0, 8);
  if (source === 'form') return sign ? `by a form, from the network with the sign ${sign}` : 'by a form';
  return hows[source] ?? `by a list: ${source}`;
}

const hows: Record<string, string> = {
  link: 'by the link in our mail',
  'one-click': 'by “no more mail” in our mail',
  api: 'by a program of ours',
  desk: 'by one of us, here',
  list: 'by a list',
};

const textIn = (value: unknown) => (typeof value === 'string' ? value : '');

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
