import { hearingLines, subscriberWords } from '../domain/hearing.ts';
import { type Moment, moment, momentOrNull } from '../domain/moment.ts';
import { leave } from '../subscribers/change-subscription.ts';
import { eraseSubscription } from '../subscribers/erase-subscription.ts';
import { mailsTo, mailWords } from '../subscribers/read-mails.ts';
import { readSubscriber } from '../subscribers/read-subscribers.ts';
import { view } from '../views.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';
import { type ProofStep, readProof } from './subscriber-proof.ts';

interface SubscriberPage extends DeskPage {
  section: 'subscribers';
  id: string;
  state: string;
  left: boolean;
  lines: string[];
  source: string;
  since: Moment;
  agreed: Moment | null;
  suppressed: string;
  steps: ProofStep[];
  mails: { what: string; title: string; at: Moment; state: string }[];
}

const render = view<SubscriberPage>('desk/subscriber.eta');
const mostMails = 50;

/** One of those who want to hear from us, with the proof of it. */
export const subscriberRoutes: DeskRoute[] = [
  look('GET /admin/subscribers/:id', page),
  act('POST /admin/subscribers/:id/leave', (visit) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      await leave(trx, id, 'desk', visit.at);
      return { to: `/admin/subscribers/${id}?said=saved`, about: `subscriber:${id}` };
    }),
  ),
  act('POST /admin/subscribers/:id/erase', (visit) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      await eraseSubscription(trx, id, visit.at);
      return { to: '/admin/subscribers?said=erased', about: `subscriber:${id}` };
    }),
  ),
];

async function page({ db, desk, params }: Visit): Promise<string> {
  const id = params.id!;
  const one = await readSubscriber(db, id);
  const mails = await mailsTo(db, id, mostMails);
  return render({
    desk,
    title: one.email,
    here: 'settings',
    section: 'subscribers',
    id,
    state: subscriberWords[one.state],
    left: one.state === 'left',
    lines: hearingLines(one.choices),
    source: one.source,
    since: moment(one.created_at),
    agreed: momentOrNull(one.confirmed_at),
    suppressed: one.suppressed ?? '',
    steps: await readProof(db, id),
    mails: mails.map((mail) => ({
      ...mailWords(mail, desk.shell.mailsToFiles),
      title: mail.title ?? '',
      at: moment(mail.created_at),
    })),
  });
}
