import { traitsWords } from '../domain/affected-words.ts';
import { verdictWords } from '../domain/answers.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { excerpt } from '../domain/text.ts';
import { canUndo } from '../domain/undo.ts';
import type { Handled } from '../reports/read-handled.ts';
import type { Report } from '../tables.ts';

/** One report as the desk's lists show it: views/desk/partials/report-line.eta. */
export interface ReportLine {
  id: string;
  words: string;
  /** The first of them, to tell this report's buttons from others'. */
  label: string;
  who: string;
  at: Moment;
  pageUrl: string | null;
  /** Only an https address is made a link. */
  pageHref: string | null;
  /** What we answered before; null where we did not. */
  answered: { at: Moment; text: string; verdict: string } | null;
  /** What was done with it; empty while nobody handled it. */
  done: string;
  issue: { id: string; title: string } | null;
  undo: { id: string; label: string } | null;
  /** It stands as answered, and may be about a known issue after all. */
  stands: boolean;
}

export function lineOf(report: Report): ReportLine {
  const { id, name, email, message, page_url, worked, worked_comment, created_at } = report;
  const still = worked === false ? ['It does not work for me.', worked_comment ?? ''] : [];
  const words = [message ?? '', ...still].filter(Boolean).join('\n\n') || 'It happens to me too.';
  return {
    id,
    words,
    label: excerpt(words, 60),
    who: [name, email ?? 'no address', usesOf(report)].filter(Boolean).join(', '),
    at: moment(created_at),
    pageUrl: page_url,
    pageHref: page_url?.startsWith('https://') ? page_url : null,
    answered:
      report.answered_at && report.verdict
        ? { at: moment(report.answered_at), text: report.answer ?? '', verdict: verdictWords[report.verdict] }
        : null,
    done: '',
    issue: null,
    undo: null,
    stands: false,
  };
}

/** What she told us that she uses, with the verb; empty where she did not. */
export function usesOf({ traits }: Pick<Report, 'traits'>): string {
  const words = traitsWords(traits);
  return words && `uses ${words}`;
}

export function handledLine(report: Handled, now: Date): ReportLine {
  const { state, issue_id, title, who, deed_id, deed_at, deed_reports } = report;
  const by = who ? ` by ${who}` : '';
  const done = {
    new: 'Waits in the inbox',
    linked: `Linked${by}`,
    answered: `Answered${by}.`,
    spam: `Put aside as spam${by}`,
    withdrawn: 'Withdrawn by its sender',
  }[state];
  const isOurs = ['linked', 'answered', 'spam'].includes(state);
  const undo =
    isOurs && deed_id && deed_at && canUndo({ at: deed_at, undone_at: null }, now)
      ? {
          id: deed_id,
          label: deed_reports === 1 ? 'Take it back' : `Take back this step (${deed_reports} reports)`,
        }
      : null;
  return {
    ...lineOf(report),
    done,
    issue: issue_id && title ? { id: issue_id, title } : null,
    undo,
    stands: state === 'answered',
  };
}
