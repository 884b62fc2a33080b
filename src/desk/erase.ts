import { sql } from 'kysely';
import { addressKey, readAddress } from '../address.ts';
import { forgetAnswersAbout } from '../api/idempotency.ts';
import type { Db } from '../db.ts';
import { eraseFromNotes } from '../issues/erase-notes.ts';
import { stateCounts } from '../ledger/count.ts';
import { eraseDeliveries } from '../notifications/erase-deliveries.ts';
import { eraseReports } from '../reports/erase-reports.ts';
import { eraseFromAudit } from '../staff/audit.ts';
import { eraseSubscriberAt } from '../subscribers/erase-subscription.ts';
import { view } from '../views.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface ErasePage extends DeskPage {
  section: 'erase';
  email: string;
  error: string;
  /** What is kept under the address; null until it was asked for. */
  found: { reports: number; subscriptions: number; mails: number } | null;
}

const render = view<ErasePage>('desk/erase.eta');

/** A person asks to be forgotten: first what there is of her, then it goes. */
export const eraseRoutes: DeskRoute[] = [
  look('GET /admin/erase', (visit) => page(visit, { email: '' })),
  act('POST /admin/erase', async (visit, fields) => {
    const email = typedLine(fields, 'email');
    const address = readAddress(email);
    if (address === null) {
      const error = 'This is no mail address. It should look like ana@example.com.';
      return { page: { html: page(visit, { email, error }), status: 400 } };
    }
    if (typedLine(fields, 'do') !== 'erase') {
      return { page: page(visit, { email: address, found: await count(visit.db, address) }) };
    }
    return visit.change(async (trx) => {
      const { reports, issueIds } = await eraseReports(trx, address, visit.at);
      const subscriptions = await eraseSubscriberAt(trx, address);
      const mails = await eraseDeliveries(trx, address, visit.at);
      await eraseFromNotes(trx, address);
      await forgetAnswersAbout(trx, address);
      await eraseFromAudit(trx, address);
      await stateCounts(trx, issueIds, visit.at); // last: a bounce of hers locks the mail first, and the counts then
      return { to: '/admin/erase?said=erased', detail: { reports, subscriptions, mails } };
    });
  }),
];

async function count(db: Db, address: string) {
  const key = addressKey(address);
  const { rows } = await sql<{ reports: number; subscriptions: number; mails: number }>`
    select (select count(*) from report where email_key = ${key}) as reports,
      (select count(*) from subscriber where email_key = ${key}) as subscriptions,
      (select count(*) from delivery where address_key = ${key}) as mails`.execute(db);
  return rows[0]!;
}

function page({ desk }: Visit, given: { email: string; error?: string; found?: ErasePage['found'] }): string {
  const { email, error = '', found = null } = given;
  return render({ desk, title: 'Erase a person', here: 'settings', section: 'erase', email, error, found });
}
