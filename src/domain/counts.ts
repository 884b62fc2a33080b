import type { Counted, Statement, Told } from './ledger.ts';

export type { Told };

/** What can be counted of an issue, in the order of its closings. */
export interface Counts extends Counted {
  told: Told[];
}

export const noCounts: Readonly<Counts> = {
  people: 0,
  first_report_at: null,
  works: 0,
  works_not: 0,
  told: [],
};

/** What the ledger has stated of an issue's counts after one more of its statements. Others change nothing. */
export function countsAfter(stated: Readonly<Counts>, statement: Statement): Readonly<Counts> {
  if (statement.type === 'counted') {
    const { people, first_report_at, works, works_not } = statement;
    return { ...stated, people, first_report_at, works, works_not };
  }
  if (statement.type === 'told') {
    const { update_id, owed, sent, failed, suppressed, cancelled, last_sent_at } = statement;
    const told = { update_id, owed, sent, failed, suppressed, cancelled, last_sent_at };
    const others = stated.told.filter((one) => one.update_id !== update_id);
    return { ...stated, told: [...others, told] };
  }
  return stated;
}

/** A count that stands lower than it was stated. Of a time: later than the first was, or earlier than the last was. */
export interface Fallen {
  what:
    | 'people'
    | 'first_report_at'
    | 'works'
    | 'works_not'
    | 'owed'
    | 'sent'
    | 'failed'
    | 'suppressed'
    | 'last_sent_at';
  /** Of the mails of which update; null for what is counted of the issue itself. */
  update_id: string | null;
  stated: number | string;
  now: number | string | null;
}

/**
 * What stands lower now than the ledger stated last. A step that lets a count fall states so in the same transaction, so
 * each of these is a row that was deleted or changed behind our back. What stands higher is not stated yet.
 */
export function countsFellSilently(stated: Readonly<Counts>, now: Readonly<Counts>): Fallen[] {
  return [
    ...fallen(stated, now, null, ['people', 'works', 'works_not']),
    ...later(stated.first_report_at, now.first_report_at),
    ...stated.told.flatMap((was) => {
      const is = now.told.find((one) => one.update_id === was.update_id) ?? nobodyTold(was.update_id);
      return [
        ...fallen(was, is, was.update_id, ['owed', 'sent', 'failed', 'suppressed']),
        ...earlier(was, is),
      ];
    }),
  ];
}

function fallen<Key extends Exclude<Fallen['what'], 'first_report_at' | 'last_sent_at'>>(
  stated: Readonly<Record<Key, number>>,
  now: Readonly<Record<Key, number>>,
  update_id: string | null,
  keys: readonly Key[],
): Fallen[] {
  return keys
    .filter((what) => now[what] < stated[what])
    .map((what) => ({ what, update_id, stated: stated[what], now: now[what] }));
}

function later(stated: string | null, now: string | null): Fallen[] {
  if (stated === null || (now !== null && now <= stated)) return [];
  return [{ what: 'first_report_at', update_id: null, stated, now }];
}

function earlier({ update_id, last_sent_at: stated }: Told, { last_sent_at: now }: Told): Fallen[] {
  if (stated === null || (now !== null && now >= stated)) return [];
  return [{ what: 'last_sent_at', update_id, stated, now }];
}

export function nobodyTold(update_id: string): Told {
  return { update_id, owed: 0, sent: 0, failed: 0, suppressed: 0, cancelled: 0, last_sent_at: null };
}
