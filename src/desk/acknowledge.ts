import { readComponents } from '../components-now.ts';
import { headlineOf } from '../domain/alike.ts';
import { type Kind, kinds } from '../domain/lifecycle.ts';
import { type Moment, momentOrNull } from '../domain/moment.ts';
import { suggestTitle } from '../domain/suggest.ts';
import { cleanText } from '../domain/text.ts';
import { isUnfinished } from '../domain/wordings.ts';
import { Conflict } from '../errors.ts';
import type { IssueDraft } from '../hearing-tables.ts';
import { newId } from '../ids.ts';
import { draftOpened } from '../issues/drafts.ts';
import { openIssueAs } from '../issues/open-issue.ts';
import { newestMailing } from '../notifications/progress.ts';
import { countReach, readWaiting } from '../reports/choose-reports.ts';
import { linkReports } from '../reports/link-report.ts';
import { view } from '../views.ts';
import { draftFor, firstWords, issueFrom, overSince } from './draft-form.ts';
import { typedLine, typedText } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { chosenIn, seenIn, tickedIn, tickedInAddress } from './group-chosen.ts';
import { blankIssue, type IssueForm, issueFormOf, type TypedIssue, typedIssue } from './issue-form.ts';
import { unfinished } from './post-update.ts';
import { type ReturnForm, readNewIssue, returnedIn, returnFormOf } from './return-form.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';
import { type Said, said, wordsOf } from './said-lines.ts';
import { readOver, type WriteBox, type Written } from './writing.ts';

interface AcknowledgePage extends DeskPage {
  kind: Kind;
  form: IssueForm;
  box: WriteBox;
  returning: ReturnForm;
  titleHint: string;
  /** When it began, unless she says something else. */
  firstTold: Moment | null;
  action: string;
  /** How many reports become part of it; 0 for an issue of our own. */
  reports: number;
  told: number;
  /** Whether anybody subscribes at all. */
  heard: boolean;
  chosen: string[];
  wordsTitle: string;
  words: Said[];
  /** The alarm it is opened from; empty for none. */
  draft: string;
  /** Since when that alarm is over; null while it goes on. */
  over: Moment | null;
  error: boolean;
  back: string;
  seen: string;
  id: string;
}

const render = view<AcknowledgePage>('desk/acknowledge.eta');
const mostWords = 12;
const mostRead = 100; // for the title

/** Reports become an issue that everybody can see, on one page. */
export const acknowledgeRoutes: DeskRoute[] = [
  look('GET /admin/inbox/:group/acknowledge', async (visit) => {
    const reports = await readAbout(visit, tickedInAddress(visit), visit.at);
    const kind = kindOf(visit);
    const typed = blankIssue(kind, { title: titleFrom(reports.newest.map((one) => one.message ?? '')) });
    return page(visit, typed, await firstWords(visit.db, kind), { reports });
  }),
  act('POST /admin/inbox/:group/acknowledge', async (visit, fields) => {
    const id = dealtIn(fields);
    if (await isOpen(visit, id)) return { page: already(id) };
    return publish(visit, fields, id, await readAbout(visit, tickedIn(fields), seenIn(fields, visit.at)));
  }),
  look('GET /admin/issues/new', async (visit) => {
    const draft = await draftFor(visit.db, visit.query.draft);
    const typed = draft ? issueFrom(draft) : blankIssue(kindOf(visit), await returnedIn(visit));
    return page(visit, typed, await firstWords(visit.db, typed.kind, draft), { draft });
  }),
  act('POST /admin/issues/new', async (visit, fields) =>
    publish(visit, fields, dealtIn(fields), null, await draftFor(visit.db, fields)),
  ),
];

/** What the new issue will be called, dealt with the form: one that is sent twice opens one issue. */
function dealtIn(fields: Fields): string {
  const [, id = newId()] = /^([0-9a-z]{12})$/.exec(typedLine(fields, 'id')) ?? [];
  return id;
}

async function isOpen({ db }: Visit, id: string): Promise<boolean> {
  return Boolean(await db.selectFrom('issue').select('id').where('id', '=', id).executeTakeFirst());
}

const already = (id: string) => ({ redirect: `/admin/issues/${id}` });

type About = Awaited<ReturnType<typeof readAbout>>;

interface Around {
  id?: string;
  reports?: About;
  seen?: string;
  /** The alarm it is opened from. */
  draft?: IssueDraft | null;
}

async function publish(
  visit: Visit,
  fields: Fields,
  id: string,
  reports: About | null,
  draft: IssueDraft | null = null,
) {
  const typed = typedIssue(fields);
  const message = typedText(fields, 'message');
  const read = await readNewIssue(visit, fields);
  const around = { id, draft, ...(reports ? { reports, seen: typedLine(fields, 'seen') } : {}) };
  const other = kinds.find((kind) => typedLine(fields, 'do') === `as:${kind}`);
  if (other) return { page: await anew(visit, typed, other, message, around) };
  const errors: Record<string, string> = 'errors' in read ? { ...read.errors } : {};
  if (isUnfinished(message, await firstWords(visit.db, typed.kind, draft))) errors.message = unfinished;
  if ('errors' in read || errors.message) {
    const html = await page(visit, typed, message, { ...around, errors });
    return { page: { html, status: 400 } };
  }
  if (typedLine(fields, 'do') === 'preview') {
    const written = readOver(message, {
      occasion: 'update',
      kind: typed.kind,
      promised: Boolean(read.body.next_update_at),
      workaround: typed.workaround !== '',
    });
    return { page: await page(visit, typed, message, { ...around, written }) };
  }
  return visit.change(async (trx) => {
    const first = read.body.kind === 'maintenance' ? null : firstTold(around);
    const isFirst = await openIssueAs(
      trx,
      id,
      { ...(first && { started_at: first }), ...read.body },
      visit.at,
    );
    if (!isFirst) return { page: already(id) };
    if (draft) await draftOpened(trx, draft.id, id);
    if (!reports) {
      const word = (await newestMailing(trx, id)) ? 'mailed' : 'posted';
      return { to: `/admin/issues/${id}?said=${word}`, about: `issue:${id}` };
    }
    const ids = await chosenIn(trx, visit, fields);
    const { deedId, taken } = await linkReports(trx, ids, id, visit.staff, visit.at, 'acknowledge');
    return {
      to: `/admin/issues/${id}?deed=${deedId}`,
      about: `issue:${id}`,
      detail: { reports: taken.length },
    };
  });
}

/** Whoever knows no better: it began no later than when the first of them, or a monitor, told us. */
function firstTold({ reports, draft }: Around): Date | null {
  return reports?.first ?? draft?.created_at ?? null;
}

/** Another kind: what she wrote stays, and only what we had put there to begin with makes room. */
async function anew(
  visit: Visit,
  typed: TypedIssue,
  kind: Kind,
  message: string,
  around: Around,
): Promise<string> {
  const ours = cleanText(await firstWords(visit.db, typed.kind, around.draft));
  const [before, after] = [blankIssue(typed.kind), blankIssue(kind)];
  const promise = typed.promise === before.promise ? after.promise : typed.promise;
  const impact = typed.impact === before.impact ? after.impact : typed.impact;
  const words = message === '' || message === ours ? await firstWords(visit.db, kind, around.draft) : message;
  return page(visit, { ...typed, kind, promise, impact }, words, around);
}

async function page(
  visit: Visit,
  typed: TypedIssue,
  message: string,
  more: Around & { errors?: Record<string, string>; written?: Written },
): Promise<string> {
  const { reports, draft = null, errors = {}, written = null } = more;
  const here = reports ? `/admin/inbox/${visit.params.group}/acknowledge` : '/admin/issues/new';
  return render({
    desk: visit.desk,
    title:
      reports || draft
        ? 'A new issue'
        : typed.returnOf
          ? 'It came back'
          : 'Say something nobody has reported yet',
    here: reports ? 'inbox' : 'issues',
    kind: typed.kind,
    form: issueFormOf(typed, await readComponents(visit.db), errors),
    box: {
      name: 'message',
      label: 'What we say first',
      hint: 'What is wrong, that it is not their fault, what to do meanwhile.',
      value: message,
      lines: 7,
      error: errors.message ?? '',
      occasion: 'update',
      written,
    },
    returning: await returnFormOf(visit, typed, errors.return_of),
    titleHint: reports
      ? 'From what they wrote. Say it in your own words: everybody can read it.'
      : 'As a customer would say it: “Export gives an empty file”.',
    firstTold: momentOrNull(firstTold(more)),
    action: here,
    reports: reports?.reports ?? 0,
    told: reports?.addresses ?? 0,
    heard: await anybodySubscribes(visit),
    chosen: reports?.ticked ?? [],
    wordsTitle: draft ? 'What the monitor says' : 'What they wrote',
    words: draft ? [wordsOf(draft)] : (reports?.newest ?? []).slice(0, mostWords).map(said),
    draft: draft?.id ?? '',
    over: momentOrNull(overSince(draft)),
    error: Object.keys(errors).length > 0,
    back: reports ? '/admin/inbox' : draft ? '/admin/drafts' : '/admin/issues',
    seen: more.seen ?? visit.at.toISOString(),
    id: more.id ?? newId(),
  });
}

async function anybodySubscribes({ db }: Visit): Promise<boolean> {
  const one = await db.selectFrom('subscriber').select('id').where('state', '=', 'active').limit(1).execute();
  return one.length > 0;
}

const handled = 'Nothing waits here any more: a colleague has handled these reports meanwhile.';

/** The reports that the form is about and nobody has handled yet. Throws Conflict where there is none. */
async function readAbout({ db, params }: Visit, ticked: string[], seen: Date) {
  const group = params.group ?? '';
  const reach = await countReach(db, group, ticked, seen);
  if (reach.reports === 0) throw new Conflict(handled);
  return { ...reach, ticked, newest: await readWaiting(db, group, { limit: mostRead, ticked, seen }) };
}

/** What the inbox calls them, as a title; or what else one of them said. */
function titleFrom(messages: string[]): string {
  return suggestTitle([headlineOf(messages)]) || suggestTitle(messages);
}

function kindOf({ query }: Visit): Kind {
  return kinds.find((kind) => kind === query.kind) ?? 'bug';
}
