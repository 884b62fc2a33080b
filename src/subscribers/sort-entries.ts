import { addressKey } from '../address.ts';
import type { Trx } from '../db.ts';
import { hearsBy } from '../domain/hearing.ts';
import type { Outcome } from './add-subscribers.ts';
import { knownChoices } from './choices.ts';
import type { Entry } from './keep-entries.ts';
import { subscriberEntry } from './schemas.ts';

/** Of what a program or a table brought, that which can be taken, and why the others cannot. */
export async function sortEntries(
  trx: Trx,
  given: readonly unknown[],
  source: string,
  now: Date,
): Promise<{ entries: Entry[]; rejected: Outcome[] }> {
  const rejected: Outcome[] = [];
  const entries: Entry[] = [];
  const reject = (index: number, reason: string) => void rejected.push({ index, did: 'rejected', reason });
  for (const [index, one] of given.entries()) {
    const read = subscriberEntry.safeParse(one);
    if (!read.success) {
      const { path, message } = read.error.issues[0]!;
      reject(index, path.length > 0 ? `${path.join('.')}: ${message}` : message);
      continue;
    }
    const { email, components = [], issues = [], hears, consented_at = null, consent_source } = read.data;
    if (consented_at !== null && consented_at > now) {
      reject(index, 'consented_at: lies in the future');
      continue;
    }
    entries.push({
      index,
      id: '',
      email,
      key: addressKey(email),
      choices: {
        hears: hears ?? hearsBy({ components, issues }),
        incidentsOnly: read.data.incidents_only ?? false,
        components,
        issues,
      },
      consentedAt: consented_at,
      source: consent_source ?? source,
    });
  }
  const known = await knownOf(trx, entries);
  const fitting = entries.filter(({ index, choices }) => {
    const unknown = [...choices.components, ...choices.issues].find((id) => !known.has(id));
    if (unknown !== undefined) reject(index, `${unknown} is neither a component nor an issue here`);
    return unknown === undefined;
  });
  return { entries: fitting, rejected };
}

async function knownOf(trx: Trx, entries: readonly Entry[]): Promise<Set<string>> {
  const all = (of: 'components' | 'issues') => [...new Set(entries.flatMap((one) => one.choices[of]))];
  const asked = { components: all('components'), issues: all('issues') };
  const { components, issues } = await knownChoices(trx, {
    hears: 'everything',
    incidentsOnly: false,
    ...asked,
  });
  return new Set([...components, ...issues]);
}
