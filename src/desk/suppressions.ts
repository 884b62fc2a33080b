import { readAddress } from '../address.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { cleanLine } from '../domain/text.ts';
import type { SuppressionSource } from '../domain/words.ts';
import { NotFound } from '../errors.ts';
import { lift, listSuppressions, type Suppression, suppress } from '../notifications/suppressions.ts';
import { view } from '../views.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';
import { suppressionWords } from './suppression-words.ts';

interface SuppressionsPage extends DeskPage {
  section: 'suppressions';
  q: string;
  rows: Row[];
  next: string | null;
  form: { email: string; reason: string; errors: Record<string, string> };
  /** The one that could not be lifted, and why. */
  refused: { address: string; error: string };
}

interface Row {
  address: string;
  /** Whoever said so. */
  source: string;
  why: string;
  since: Moment;
  lift: { reason: string; error: string };
}

const render = view<SuppressionsPage>('desk/suppressions.eta');
const perPage = 50;
const longest = 200;

/** Addresses that no mail goes to, and why. */
export const suppressionsRoutes: DeskRoute[] = [
  look('GET /admin/suppressions', (visit) => page(visit)),

  act('POST /admin/suppressions', async (visit, fields) => {
    const email = typedLine(fields, 'email');
    const reason = typedLine(fields, 'reason');
    const address = readAddress(email);
    const errors = {
      ...(address === null && { email: 'This is no mail address. It should look like ana@example.com.' }),
      ...reasonTrouble(reason, 'Please say why, so that a colleague understands it later.'),
    };
    if (address === null || 'reason' in errors)
      return { page: { html: await page(visit, { form: { email, reason, errors } }), status: 400 } };
    const done = await visit.change(async (trx) => {
      const isNew = await suppress(trx, { address, reason, source: 'staff' }, visit.at);
      return isNew ? { to: '/admin/suppressions?said=listed', address, detail: { reason } } : { page: '' };
    });
    if (done.to !== undefined) return done;
    const there = { email, reason, errors: { email: 'This address stands on the list already.' } };
    return { page: { html: await page(visit, { form: there }), status: 409 } };
  }),

  act('POST /admin/suppressions/lift', async (visit, fields) => {
    const address = typedLine(fields, 'email');
    const reason = typedLine(fields, 'reason');
    const { reason: error = '' } = reasonTrouble(reason, 'Please say why mail should go there again.');
    if (error !== '')
      return { page: { html: await page(visit, { refused: { address, error } }), status: 400 } };
    return visit.change(async (trx) => {
      if (!(await lift(trx, address)))
        throw new NotFound('This address is not on the list any more: a colleague has lifted it meanwhile.');
      return { to: '/admin/suppressions?said=lifted', address, detail: { reason } };
    });
  }),
];

function reasonTrouble(reason: string, missing: string): { reason?: string } {
  if (reason === '') return { reason: missing };
  return reason.length > longest ? { reason: `Please take at most ${longest} characters.` } : {};
}

const blank = { email: '', reason: '', errors: {} };

async function page(
  { db, desk, query }: Visit,
  {
    form = blank,
    refused = { address: '', error: '' },
  }: Partial<Pick<SuppressionsPage, 'form' | 'refused'>> = {},
): Promise<string> {
  const q = cleanLine(query.q?.slice(0, 254) ?? refused.address);
  const rows = await listSuppressions(db, { q, limit: perPage + 1, after: placeIn(query.after) });
  const last = rows.length > perPage ? rows[perPage - 1] : undefined;
  return render({
    desk,
    title: 'No mail to',
    here: 'settings',
    section: 'suppressions',
    q,
    rows: rows.slice(0, perPage).map((row) => toRow(row, refused)),
    next: last ? `?${new URLSearchParams({ ...(q && { q }), after: placeOf(last) })}` : null,
    form,
    refused,
  });
}

function toRow(row: Suppression, refused: SuppressionsPage['refused']): Row {
  const error = refused.address === row.address_key ? refused.error : '';
  return {
    address: row.address_key,
    source: sources[row.source],
    why: suppressionWords(row),
    since: moment(row.created_at),
    lift: { reason: '', error },
  };
}

const sources: Record<SuppressionSource, string> = {
  smtp: 'the mail server, when we sent',
  bounce: 'a mail that came back',
  staff: 'one of us',
  import: 'an import',
};

/** Where the list goes on. */
function placeOf({ created_at, address_key }: Suppression): string {
  return Buffer.from(`${created_at.getTime()} ${address_key}`).toString('base64url');
}

function placeIn(after: string | undefined): { at: Date; address: string } | null {
  const text = Buffer.from(after ?? '', 'base64url').toString('utf8');
  const [, at, address] = /^(\d{1,13}) ([\x21-\x7e]{1,254})$/.exec(text) ?? [];
  return at && address ? { at: new Date(Number(at)), address } : null;
}
