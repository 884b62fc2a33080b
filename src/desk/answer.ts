import { cleanText } from '../domain/text.ts';
import { isUnfinished } from '../domain/wordings.ts';
import { type Verdict, verdicts } from '../domain/words.ts';
import { Conflict } from '../errors.ts';
import { answerReports } from '../reports/answer-report.ts';
import { countReach, readWaiting } from '../reports/choose-reports.ts';
import { view } from '../views.ts';
import { wordingOf } from '../wordings.ts';
import { chosen, typedLine, typedText } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { afterStep, chosenIn, reportQuery, tickedIn, tickedInAddress } from './group-chosen.ts';
import { unfinished } from './post-update.ts';
import { lineOf, type ReportLine } from './report-lines.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';
import { readOver, type WriteBox, type Written } from './writing.ts';

interface AnswerPage extends DeskPage {
  action: string;
  back: string;
  verdict: Verdict;
  verdicts: { value: Verdict; label: string; current: boolean }[];
  box: WriteBox;
  ticked: string[];
  seen: string;
  reach: { reports: number; addresses: number; silent: number };
  lines: ReportLine[];
  more: number;
}

const render = view<AnswerPage>('desk/answer.eta');
const mostLines = 12;
const longest = 10_000;

const labels: Record<Verdict, string> = {
  explained: 'Here is how',
  not_a_bug: 'We found no fault',
  works_as_designed: 'We built it this way',
  need_more: 'We need to know more',
  not_reproducible: 'We could not make it happen',
};

/** An answer to one reporter or to many who said the same, with kind words to begin with. */
export const answerRoutes: DeskRoute[] = [
  look('GET /admin/inbox/:group/answer', async (visit) => {
    const verdict = verdicts.find((one) => one === visit.query.verdict) ?? 'explained';
    return answerPage(visit, {
      verdict,
      message: await wordingOf(visit.db, `answer:${verdict}`),
      ticked: tickedInAddress(visit),
    });
  }),
  act('POST /admin/inbox/:group/answer', async (visit, fields) => {
    const { group = '' } = visit.params;
    const ticked = tickedIn(fields);
    if (typedLine(fields, 'do') === 'begin') {
      return { page: { redirect: `/admin/inbox/${group}/answer${reportQuery(ticked)}` } };
    }
    const verdict = chosen(fields, 'verdict', verdicts, 'explained');
    const message = typedText(fields, 'message');
    const other = verdicts.find((one) => typedLine(fields, 'do') === `as:${one}`);
    if (other) return { page: await anew(visit, fields, { verdict, other, message, ticked }) };
    const typed = { verdict, message, ticked, seen: typedLine(fields, 'seen') };
    const beginning = await wordingOf(visit.db, `answer:${verdict}`);
    const error = isUnfinished(message, beginning) ? unfinished : wrongWith(message);
    if (error) return { page: { html: await answerPage(visit, { ...typed, error }), status: 400 } };
    if (typedLine(fields, 'do') === 'preview') {
      const written = readOver(message, { occasion: 'answer' });
      return { page: await answerPage(visit, { ...typed, written }) };
    }
    return send(visit, fields, { verdict, message });
  }),
];

/** Another kind of answer: what she wrote stays, and only a beginning of ours makes room for the other one. */
async function anew(
  visit: Visit,
  fields: Fields,
  {
    verdict,
    other,
    message,
    ticked,
  }: { verdict: Verdict; other: Verdict; message: string; ticked: string[] },
): Promise<string> {
  const ours = cleanText(await wordingOf(visit.db, `answer:${verdict}`));
  const words = message === '' || message === ours ? await wordingOf(visit.db, `answer:${other}`) : message;
  return answerPage(visit, { verdict: other, message: words, ticked, seen: typedLine(fields, 'seen') });
}

function send(visit: Visit, fields: Fields, given: { verdict: Verdict; message: string }) {
  return visit.change(async (trx) => {
    const step = await answerReports(trx, await chosenIn(trx, visit, fields), given, visit.staff, visit.at);
    const detail = { verdict: given.verdict, reports: step.taken.length, deed: step.deedId };
    return { to: afterStep(step), about: `report:${step.taken[0]}`, detail };
  });
}

function wrongWith(message: string): string {
  if (message === '') return 'Please write an answer.';
  if (message.length <= longest) return '';
  return `This is ${message.length.toLocaleString('en')} characters long, and we can take ${longest.toLocaleString('en')}.`;
}

interface Typed {
  verdict: Verdict;
  message: string;
  ticked: string[];
  seen?: string;
  error?: string;
  written?: Written;
}

/** Throws Conflict where nobody waits for an answer any more. */
async function answerPage(visit: Visit, typed: Typed): Promise<string> {
  const { db, desk, at, params } = visit;
  const { verdict, message, ticked, seen = at.toISOString(), error = '', written = null } = typed;
  const group = params.group ?? '';
  const here = `/admin/inbox/${group}`;
  const rows = await readWaiting(db, group, { limit: mostLines, ticked });
  if (rows.length === 0) {
    throw new Conflict(
      'Nobody waits for this answer any more: a colleague was quicker, or it was taken back.',
    );
  }
  const reach = await countReach(db, group, ticked);
  return render({
    desk,
    title: reach.reports === 1 ? 'Answer one report' : `Answer ${reach.reports.toLocaleString('en')} reports`,
    here: 'inbox',
    action: `${here}/answer`,
    back: here,
    verdict,
    verdicts: verdicts.map((one) => ({
      value: one,
      label: labels[one],
      current: one === verdict,
    })),
    box: {
      name: 'message',
      label: 'Our answer',
      hint: 'What you found, in your own words. A greeting and a way to write back stand around it in the mail.',
      value: message,
      lines: 10,
      error,
      occasion: 'answer',
      written,
    },
    ticked,
    seen,
    reach,
    lines: rows.map(lineOf),
    more: reach.reports - rows.length,
  });
}
