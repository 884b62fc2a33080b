import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Choices } from '../domain/hearing.ts';
import { type Moment, moment, momentOrNull } from '../domain/moment.ts';
import { NotFound } from '../errors.ts';
import type { Subscriber } from '../hearing-tables.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import { nothingHere } from './change-subscription.ts';
import { readChoices } from './choices.ts';
import type { SubscribeForm } from './form.ts';
import { followable, groupsOf, type HearingFields, wrongIn } from './hearing-fields.ts';
import { hearsAnything, type OwnLine, ownLines } from './own-lines.ts';
import { confirmPage, leftPage } from './pages.ts';
import { mailsTo, mailWords } from './read-mails.ts';

interface OwnPage extends Page {
  action: string;
  address: string;
  paused: boolean;
  said: string;
  lines: OwnLine[];
  hearing: HearingFields;
  form: Pick<SubscribeForm, 'errors' | 'notice'>;
  mails: { what: string; title: string; href: string; queued: Moment; taken: Moment | null; state: string }[];
  /** No mail goes there, for it came back. */
  suppressed: boolean;
}

const render = view<OwnPage>('subscription.eta');
const mostMails = 30;

const saids: Record<string, string> = {
  confirmed: 'Good. From now on you hear from us.',
  saved: 'Saved.',
  paused: 'You hear nothing until you say so here.',
  resumed: 'You hear from us again.',
};

/** What she may do with the link in our mails, shaped for how things stand. Throws NotFound. */
export async function ownPage(
  db: Db,
  shell: Shell,
  { id, token }: { id: string; token: string },
  { said = '', typed }: { said?: string; typed?: { choices: Choices; errors: SubscribeForm['errors'] } } = {},
): Promise<string> {
  const her = await findSubscriber(db, id);
  const kept = (await readChoices(db, [her])).get(id)!;
  const lines = ownLines(kept);
  const hers = { address: her.email, lines, hears: hearsAnything(kept) };
  if (her.state === 'unconfirmed') return confirmPage(shell, { token }, hers);
  if (her.state === 'left') return leftPage(shell, { token }, hers);
  const choices = typed?.choices ?? kept;
  const errors = typed?.errors ?? [];
  const paused = her.state === 'paused';
  const suppressed = await isSuppressed(db, her);
  return render({
    shell,
    title: titleOf({ paused, suppressed }),
    action: `/s/${token}`,
    address: her.email,
    paused,
    said: saids[said] ?? '',
    lines,
    hearing: {
      ...choices,
      groups: await groupsOf(db, choices.components),
      followable: await followable(db, choices.issues),
      wrong: wrongIn(errors),
    },
    form: { errors, notice: '' },
    mails: (await mailsTo(db, id, mostMails)).map((mail) => ({
      ...mailWords(mail, shell.mailsToFiles),
      title: mail.title ?? '',
      href: mail.issue_id ? `/issues/${mail.issue_id}` : '',
      queued: moment(mail.created_at),
      taken: mail.state === 'sent' ? momentOrNull(mail.ended_at) : null,
    })),
    suppressed,
  });
}

function titleOf({ paused, suppressed }: { paused: boolean; suppressed: boolean }): string {
  if (suppressed) return 'Our mail does not reach you';
  return paused ? 'You hear nothing for now' : 'You hear from us';
}

/** Throws NotFound. For an id that nobody has it takes as long as for one that somebody has. */
export async function findSubscriber(db: Db, id: string): Promise<Subscriber> {
  const her = await db.selectFrom('subscriber').selectAll().where('id', '=', id).executeTakeFirst();
  if (!her) throw new NotFound(nothingHere);
  return her;
}

async function isSuppressed(db: Db, { email_key }: Subscriber): Promise<boolean> {
  const { rows } = await sql`select from suppression where address_key = ${email_key}`.execute(db);
  return rows.length > 0;
}
