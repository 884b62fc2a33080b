import type { Trx } from '../db.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { helpedWords } from '../domain/ways-around.ts';
import type { WorkaroundState } from '../domain/words.ts';
import { NotFound } from '../errors.ts';
import { findSecrets } from '../find-secrets.ts';
import {
  changeWorkaround,
  declineWorkaround,
  publishWorkaround,
  takeOffWorkaround,
  type Workaround,
} from '../reports/publish-workaround.ts';
import { view } from '../views.ts';
import { typedLine, typedText } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { plainly } from './issue-form.ts';
import { act, type DeskRoute, type Fields, look, type Outcome, type Visit } from './route.ts';
import { readWaitingWays, type WayLine } from './way-lines.ts';
import { readOver, type WriteBox, type Written } from './writing.ts';

interface WaysPage extends DeskPage {
  ways: WayLine[];
}

interface WayPage extends DeskPage {
  id: string;
  issue: { id: string; title: string };
  state: WorkaroundState;
  /** Her own words; null once they are erased. */
  offered: string | null;
  at: Moment;
  /** The name she wishes to be thanked by. */
  credit: string | null;
  credited: boolean;
  helped: string;
  box: WriteBox;
}

const renderAll = view<WaysPage>('desk/ways.eta');
const renderOne = view<WayPage>('desk/way.eta');
const longest = 10_000;

/** Ways around that customers found: read, publish in our words, change, take off. */
export const waysRoutes: DeskRoute[] = [
  look('GET /admin/ways', async ({ db, desk, at }) =>
    renderAll({
      desk,
      title: 'Ways around, from customers',
      here: 'today',
      ways: await readWaitingWays(db, at),
    }),
  ),
  look('GET /admin/ways/:id', async (visit) => {
    const way = await find(visit);
    const credited = (await findSecrets(way.credit ?? '')).length === 0; // an address is no name
    return page(visit, way, { value: way.body ?? way.offered ?? '', credited });
  }),
  act('POST /admin/ways/:id/publish', (visit, fields) => say(visit, fields, publishWorkaround, 'way')),
  act('POST /admin/ways/:id/change', (visit, fields) => say(visit, fields, changeWorkaround, 'saved')),
  act('POST /admin/ways/:id/take-off', (visit) => end(visit, takeOffWorkaround, 'off')),
  act('POST /admin/ways/:id/decline', (visit) => end(visit, declineWorkaround, 'declined')),
];

type Saying = typeof publishWorkaround | typeof changeWorkaround;

/** Publishes or changes it, or gives the form back. */
async function say(visit: Visit, fields: Fields, saying: Saying, said: string): Promise<Outcome> {
  const way = await find(visit);
  const value = typedText(fields, 'message');
  const credited = typedLine(fields, 'credited') === 'yes';
  const error =
    value === '' ? plainly('message', 'must not be empty') : value.length > longest ? tooLong : '';
  if (error) return { page: { html: await page(visit, way, { value, credited, error }), status: 400 } };
  if (typedLine(fields, 'do') === 'preview') {
    const written = readOver(value, { occasion: 'update', promised: true, workaround: true });
    return { page: await page(visit, way, { value, credited, written }) };
  }
  return visit.change(async (trx) => {
    await saying(trx, way.id, { body: value, credited }, visit.at);
    return done(way, said);
  });
}

type Ending = (trx: Trx, id: string, now: Date) => Promise<Workaround>;

async function end(visit: Visit, ending: Ending, said: string): Promise<Outcome> {
  const way = await find(visit);
  return visit.change(async (trx) => {
    await ending(trx, way.id, visit.at);
    return done(way, said);
  });
}

const tooLong = 'This is longer than the 10,000 characters we can take.';

function done({ id, issue_id }: Workaround, said: string) {
  return {
    to: `/admin/issues/${issue_id}?said=${said}#ways`,
    about: `issue:${issue_id}`,
    detail: { workaround: id },
  };
}

async function find({ db, params }: Visit): Promise<Workaround> {
  const way = await db
    .selectFrom('workaround')
    .selectAll()
    .where('id', '=', params.id ?? '')
    .executeTakeFirst();
  if (!way) throw new NotFound('There is no way around at this address.');
  return way;
}

async function page(
  { db, desk }: Visit,
  way: Workaround,
  typed: { value: string; credited: boolean; error?: string; written?: Written },
): Promise<string> {
  const { value, credited, error = '', written = null } = typed;
  const issue = await db
    .selectFrom('issue')
    .select(['id', 'title'])
    .where('id', '=', way.issue_id)
    .executeTakeFirstOrThrow();
  const { helped } = await db
    .selectFrom('workaround_help')
    .select((eb) => eb.fn.countAll<number>().as('helped'))
    .where('workaround_id', '=', way.id)
    .executeTakeFirstOrThrow();
  return renderOne({
    desk,
    title: way.state === 'published' ? 'A way around, on the page' : 'A way around, offered',
    here: 'issues',
    id: way.id,
    issue,
    state: way.state,
    offered: way.offered,
    at: moment(way.created_at),
    credit: way.credit,
    credited,
    helped: helpedWords(Number(helped)),
    box: {
      name: 'message',
      label: 'What the page shall say',
      hint: 'Try it first. From here on these are our words: what stood there before a change stays readable.',
      value,
      lines: 8,
      error,
      occasion: 'update',
      written,
    },
  });
}
