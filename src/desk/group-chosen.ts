import type { Trx } from '../db.ts';
import { Refused } from '../errors.ts';
import { chooseReports } from '../reports/choose-reports.ts';
import type { Step } from '../reports/deeds.ts';
import { typedAll, typedLine } from './fields.ts';
import type { Fields, Visit } from './route.ts';

const id = /^[0-9a-z]{12}$/;

/** The reports ticked in a form; none means all of the group. Throws Refused for what can be no report. */
export function tickedIn(fields: Fields): string[] {
  const ticked = typedAll(fields, 'report');
  if (!ticked.every((one) => id.test(one))) throw new Refused('One of the reports ticked is none of ours.');
  return ticked;
}

/** The same where a page is asked for with them in its address. */
export function tickedInAddress({ request }: Visit): string[] {
  return tickedIn((request.query ?? {}) as Fields);
}

/** The reports a form's step is meant for, handled ones among them. */
export function chosenIn(trx: Trx, { params, at }: Visit, fields: Fields): Promise<string[]> {
  return chooseReports(trx, {
    group: params.group ?? '',
    ticked: tickedIn(fields),
    seen: seenIn(fields, at),
  });
}

/** When the form's page was made: what came later is not part of the step, but waits for a look of its own. */
export function seenIn(fields: Fields, at: Date): Date {
  const seen = new Date(typedLine(fields, 'seen'));
  return Number.isNaN(seen.getTime()) || seen > at ? at : seen;
}

/** Where a step leads: the inbox, with what was done and the way back. */
export function afterStep({ deedId, gone }: Step): string {
  return `/admin/inbox?deed=${deedId}${gone > 0 ? `&gone=${gone}` : ''}`;
}

/** The ticked reports as an address carries them. */
export function reportQuery(ticked: string[], more: Record<string, string> = {}): string {
  const query = new URLSearchParams([
    ...Object.entries(more),
    ...ticked.map((one): [string, string] => ['report', one]),
  ]).toString();
  return query && `?${query}`;
}
