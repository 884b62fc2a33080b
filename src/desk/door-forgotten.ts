import { setTimeout as sleep } from 'node:timers/promises';
import { readAddress } from '../address.ts';
import { waitWords } from '../domain/times.ts';
import { mailLink, whoAsks } from '../staff/forgotten.ts';
import { view } from '../views.ts';
import { cookiesOf } from './cookies.ts';
import { networkHere } from './door.ts';
import { typedLine } from './fields.ts';
import { type Desk, type DeskPage, saids } from './frame.ts';
import { act, type DeskRoute, look } from './route.ts';

interface ForgottenPage extends DeskPage {
  email: string;
  error: string;
}

const render = view<ForgottenPage>('desk/forgotten.eta');

/** Longer than any of it takes, so that the time says no more than the words. */
const answerMs = 250;

/** A link by mail for whoever has no password at hand. It says the same whether or not there is an account. */
export const forgottenRoutes: DeskRoute[] = [
  look('GET /admin/forgotten', ({ desk }) => page(desk, '', '')),

  act('POST /admin/forgotten', async (visit, fields) => {
    const { db, desk, links, config, at } = visit;
    const typed = typedLine(fields, 'email').slice(0, 254);
    const email = readAddress(typed);
    if (email === null) {
      return {
        page: { html: page(desk, typed, 'Please type the whole address: ana@example.com.'), status: 400 },
      };
    }
    const answered = sleep(answerMs);
    const asking = {
      email,
      network: networkHere(visit.request),
      marks: cookiesOf(config).known(visit.request),
    };
    const person = await whoAsks(db, asking, { links, sso: config.oidc !== null }, at);
    if (person && 'waitSeconds' in person) {
      visit.reply.header('retry-after', person.waitSeconds);
      const error = `Too many links were asked for from your network. It opens again in ${waitWords(person.waitSeconds)}.`;
      return { page: { html: page(desk, typed, error), status: 429 } };
    }
    const same = page({ ...desk, said: saids.asked! }, '', '');
    const outcome = await visit.change(async (trx) => {
      if (person === null) return { page: same };
      await mailLink(trx, person, at);
      return { to: '/admin/forgotten', page: same, by: person, about: `staff:${person.id}` };
    });
    await answered;
    return outcome;
  }),
];

function page(desk: Desk, email: string, error: string): string {
  return render({ desk, title: 'A link to sign in', email, error });
}
