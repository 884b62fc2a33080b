import { type Counts, countsFellSilently, type Fallen, noCounts } from '../domain/counts.ts';
import type { Entry, WholeComponent, WholeIssue } from '../domain/ledger.ts';
import { type Difference, differences } from '../domain/same.ts';
import { utcShort } from '../domain/times.ts';
import type { NowLine } from '../ledger/now.ts';
import type { Chain } from './chain.ts';
import type { Finding } from './finding.ts';

/** Something that the page shows and the ledger tells of. */
export type Thing = { kind: 'issue' | 'component'; id: string };

/** What may differ of an entry's things between two readings. */
export function thingsOf(entry: Entry): Thing[] {
  if (entry.issue_id !== null) return [{ kind: 'issue', id: entry.issue_id }];
  const ids =
    'component_id' in entry
      ? [entry.component_id]
      : entry.type === 'component_states'
        ? entry.changes.map((one) => one.component_id)
        : [];
  return ids.map((id) => ({ kind: 'component', id }));
}

export function keyOf({ kind, id }: Thing): string {
  return `${kind}:${id}`;
}

export function thingOf(line: NowLine): Thing | null {
  if (line.type === 'component') return { kind: 'component', id: line.component_id };
  return 'issue_id' in line ? { kind: 'issue', id: line.issue_id } : null;
}

/** Where what the page says of a thing is not what the ledger tells of it. */
export function compare(chain: Chain, line: NowLine, base: string): Finding[] {
  if (line.type === 'issue') return compareIssue(chain, line, base);
  if (line.type === 'component') return compareComponent(chain, line, base);
  return line.type === 'counts' ? compareCounts(chain, line, base) : [];
}

/** That the page shows nothing at all of what the ledger tells of. */
export function isGone(chain: Chain, { kind, id }: Thing, base: string): Finding {
  const about = kind === 'issue' ? aboutIssue(chain, id, base) : aboutComponent(chain, id, base);
  const says = `The ledger tells of ${about.called} (entry ${chain.lastAbout.get(id)}); the page does not know it any more.`;
  return { where: 'page', ...about.of, says };
}

type Known<Of> = readonly (keyof Of & string)[];
const ofIssue: Known<WholeIssue> = [
  'kind',
  'title',
  'status',
  'impact',
  'workaround',
  'resolution',
  'next_update_at',
  'started_at',
  'scheduled_for',
  'scheduled_until',
  'created_at',
  'resolved_at',
  'merged_into',
  'return_of',
  'affected',
  'fixed_for',
  'components',
  'updates',
  'edits',
  'component_changes',
  'workarounds',
];
const ofComponent: Known<WholeComponent> = ['name', 'description', 'group', 'status', 'set_at', 'changes'];

function compareIssue(chain: Chain, line: NowLine & { type: 'issue' }, base: string): Finding[] {
  const { issue_id: id } = line;
  const told = chain.page.issues.get(id);
  const about = aboutIssue(chain, id, base, line.title);
  if (!told) return [unheardOf(about)];
  return asWholes(differences(known(told, ofIssue), known(line, ofIssue)), told, line).map((one) =>
    differs(one, about, lastAbout(chain, id, one.path), wordsFor(one.path, told, line)),
  );
}

/** Whom it reaches is one thing to say, however many conditions differ in it. */
function asWholes(all: Difference[], told: WholeIssue, shown: WholeIssue): Difference[] {
  const whole = (['affected', 'fixed_for'] as const)
    .filter((field) => all.some(({ path }) => path[0] === field))
    .map((field) => ({ path: [field], left: told[field], right: shown[field] }));
  return [...all.filter(({ path }) => !['affected', 'fixed_for'].includes(path[0]!)), ...whole];
}

function compareComponent(chain: Chain, line: NowLine & { type: 'component' }, base: string): Finding[] {
  const { component_id: id } = line;
  const told = chain.page.components.get(id);
  const about = aboutComponent(chain, id, base, line.name);
  if (!told) return [unheardOf(about)];
  return differences(known(told, ofComponent), known(line, ofComponent)).map((one) =>
    differs(one, about, lastAbout(chain, id, one.path), plainWords(one.path)),
  );
}

function compareCounts(chain: Chain, line: NowLine & { type: 'counts' }, base: string): Finding[] {
  const about = aboutIssue(chain, line.issue_id, base);
  const stated: Readonly<Counts> = chain.page.counts.get(line.issue_id) ?? noCounts;
  return countsFellSilently(stated, line).map((fallen) => {
    const { stated: ledger, now: page } = fallen;
    const says = `${about.called}: ${countWords(fallen)} was ${ledger} by the ledger; the page counts ${page ?? 'none'}.`;
    return { where: 'page', ...about.of, field: fallen.what, ledger, page, says };
  });
}

interface About {
  called: string;
  of: Pick<Finding, 'id' | 'title' | 'url'>;
}

function aboutIssue(chain: Chain, id: string, base: string, shown?: string): About {
  const title = chain.page.issues.get(id)?.title ?? shown ?? id;
  const url = `${base}issues/${id}`;
  return { called: `“${title}” (${url})`, of: { id, title, url } };
}

function aboutComponent(chain: Chain, id: string, base: string, shown?: string): About {
  const title = chain.page.components.get(id)?.name ?? shown ?? id;
  const url = `${base}components/${id}`;
  return { called: `the part “${title}” (${url})`, of: { id, title, url } };
}

function unheardOf({ called, of }: About): Finding {
  return { where: 'page', ...of, says: `The page shows ${called}; the ledger never told of it.` };
}

function differs(
  { path, left, right }: Difference,
  about: About,
  seq: number | undefined,
  what: string,
): Finding {
  const field = path.join('.');
  const by = seq === undefined ? '' : ` (entry ${seq})`;
  const says =
    left === undefined
      ? `${about.called}: the page shows ${what}, of which the ledger knows nothing.`
      : right === undefined
        ? `${about.called}: the ledger has ${what}${by}, which the page does not show any more.`
        : `${about.called}: ${what} is not what the ledger says${by}.`;
  return { where: 'page', ...about.of, ...(seq && { seq }), field, ledger: left, page: right, says };
}

function lastAbout({ lastAbout: last }: Chain, id: string, [field, inner]: string[]): number | undefined {
  return (inner && last.get(inner)) || last.get(`${id}.${field}`) || last.get(id);
}

function known<Of extends object>(value: Of, fields: readonly string[]): Record<string, unknown> {
  const all = value as Record<string, unknown>;
  return Object.fromEntries(fields.map((field) => [field, all[field]]));
}

function wordsFor([field, id, inner]: string[], told: WholeIssue, shown: WholeIssue): string {
  if (field !== 'updates' || id === undefined || id === 'order') return plainWords([field!, id!, inner!]);
  const one = [...told.updates, ...shown.updates].find((update) => update.id === id);
  const called = `the update of ${one ? utcShort(new Date(one.created_at)) : id}`;
  return inner === undefined
    ? called
    : `${ofUpdate[inner] ?? `${inner} of`} ${called}${inner === 'message' ? '' : ` (${inner})`}`;
}

function plainWords([field, at, inner]: string[]): string {
  const name = names[field!] ?? field!;
  if (at === undefined) return name;
  return at === 'order'
    ? `the order of ${lists[field!] ?? name}`
    : `${name} ${at}${inner ? ` (${inner})` : ''}`;
}

const ofUpdate: Record<string, string> = {
  message: 'what was said in',
  status: 'how it stood by',
  created_at: 'the time of',
  edited_at: 'when somebody edited',
};

const names: Record<string, string> = {
  title: 'its title',
  kind: 'what kind of thing it is (kind)',
  resolution: 'how it ended (resolution)',
  started_at: 'when it began (started_at)',
  scheduled_for: 'when the work begins (scheduled_for)',
  scheduled_until: 'when the work ends (scheduled_until)',
  created_at: 'when it was opened (created_at)',
  resolved_at: 'when it was over (resolved_at)',
  merged_into: 'which other one it is the same as (merged_into)',
  return_of: 'which one came back with it (return_of)',
  affected: 'whom it reaches (affected)',
  fixed_for: 'whom the fix has reached (fixed_for)',
  description: 'what it is for (description)',
  group: 'the group that it stands in (group)',
  set_at: 'when we set its state (set_at)',
  workaround: 'what to do meanwhile',
  impact: 'how serious it is',
  status: 'how it stands',
  next_update_at: 'when more was promised',
  updates: 'the update',
  edits: 'the kept edit',
  component_changes: 'the change of a part’s state',
  changes: 'the change of its state',
  components: 'the part',
  workarounds: 'the way around',
  name: 'its name',
};
const lists: Record<string, string> = {
  updates: 'its updates',
  components: 'its parts',
  workarounds: 'its ways around',
};

function countWords({ what, update_id }: Fallen): string {
  const words: Record<Fallen['what'], string> = {
    people: 'how many people told us',
    first_report_at: 'when the first of them did',
    works: 'how many say it works',
    works_not: 'how many say it does not work',
    owed: 'how many mails were owed',
    sent: 'how many mails were taken by the mail server',
    failed: 'how many mails failed',
    suppressed: 'how many mails could not go out',
    last_sent_at: 'when the last was told',
  };
  return `${words[what]}${update_id === null ? '' : ` (update ${update_id})`}`;
}
