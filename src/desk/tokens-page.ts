import type { Scope } from '../api/route.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { bootstrapNames, createToken, everyScope, listTokens, revokeToken } from '../staff/tokens.ts';
import { view } from '../views.ts';
import { typedAll, typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface TokensPage extends DeskPage {
  section: 'tokens';
  tokens: {
    id: string;
    name: string;
    scopes: string;
    made: Moment;
    ends: Moment | null;
    used: Moment | null;
    /** Revoked, or at its end: it opens nothing. */
    over: string;
  }[];
  form: {
    name: string;
    scopes: { value: Scope; label: string; chosen: boolean }[];
    days: string;
    errors: Record<string, string>;
  };
}

interface MadePage extends DeskPage {
  section: 'tokens';
  token: string;
  name: string;
  baseUrl: string;
}

const render = view<TokensPage>('desk/tokens.eta');
const renderMade = view<MadePage>('desk/token-made.eta');
const longestDays = 3_650;

/** The keys of programs. */
export const tokenRoutes: DeskRoute[] = [
  look('GET /admin/tokens', (visit) => page(visit)),

  act('POST /admin/tokens', async (visit, fields) => {
    const name = typedLine(fields, 'name');
    const days = typedLine(fields, 'days');
    const scopes = everyScope.filter((scope) => typedAll(fields, 'scope').includes(scope));
    const number = days === '' ? null : Number(days);
    const errors = {
      name: nameTrouble(name),
      scope: scopes.length === 0 ? 'Please choose at least one: without any it opens nothing.' : '',
      days:
        number !== null && !(Number.isInteger(number) && number > 0 && number <= longestDays)
          ? `Please give a whole number of days from 1 to ${longestDays}, or nothing.`
          : '',
    };
    if (Object.values(errors).some(Boolean)) {
      return { page: { html: await page(visit, { name, scopes, days }, errors), status: 400 } };
    }
    const { at, desk, config } = visit;
    const expiresAt = number === null ? null : new Date(at.getTime() + number * 86_400_000);
    return visit.change(async (trx) => {
      const { id, token } = await createToken(trx, { name, scopes, expiresAt }, at);
      return {
        to: '/admin/tokens',
        page: renderMade({
          desk,
          title: 'Your new API token',
          here: 'settings',
          section: 'tokens',
          token,
          name,
          baseUrl: config.baseUrl,
        }),
        about: `token:${id}`,
        detail: { name, scopes, expires_at: expiresAt?.toISOString() ?? null },
      };
    });
  }),

  act('POST /admin/tokens/:id/revoke', (visit) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      await revokeToken(trx, id, visit.at);
      return { to: '/admin/tokens?said=revoked', about: `token:${id}` };
    }),
  ),
];

function nameTrouble(name: string): string {
  if (name === '') return 'Please give it a name, so that you know later what uses it.';
  if (bootstrapNames.includes(name)) return 'This is the name of the token that the server begins with.';
  return name.length > 80 ? 'Please take at most 80 characters.' : '';
}

const blank = { name: '', scopes: everyScope, days: '' };

async function page(
  { db, desk, at }: Visit,
  typed: { name: string; scopes: Scope[]; days: string } = blank,
  errors: Record<string, string> = {},
): Promise<string> {
  const tokens = await listTokens(db);
  return render({
    desk,
    title: 'API tokens',
    here: 'settings',
    section: 'tokens',
    tokens: tokens.map((one) => ({
      id: one.id,
      name: one.name,
      scopes: one.scopes.join(', '),
      made: moment(one.created_at),
      ends: one.expires_at && moment(one.expires_at),
      used: one.last_used_at && moment(one.last_used_at),
      over: one.revoked_at ? 'revoked' : one.expires_at && one.expires_at <= at ? 'at its end' : '',
    })),
    form: {
      name: typed.name,
      scopes: everyScope.map((value) => ({
        value,
        label: scopeWords[value],
        chosen: typed.scopes.includes(value),
      })),
      days: typed.days,
      errors,
    },
  });
}

const scopeWords: Record<Scope, string> = {
  read: 'Read: issues, reports, what was mailed',
  write: 'Write: open issues, post updates, answer reports',
  alert: 'Alert: say that something is wrong, as a monitor does, and nothing else',
};
