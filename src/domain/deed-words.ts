import { durationWords } from './times.ts';
import { canUndo, holdMs, undoMs } from './undo.ts';
import type { DeedKind } from './words.ts';

/** A step of staff on some reports, and what became of it. */
export interface DeedFacts {
  id: string;
  kind: DeedKind;
  at: Date;
  undone_at: Date | null;
  issue_id: string | null;
  title: string | null;
  who: string | null;
  reports: number;
  /** Of these, how many had been answered before. */
  answered: number;
  /** People whose mail about it waits; who got it. */
  waiting: number;
  told: number;
  /** Of one that made an issue: subscribers who are mailed at once that it is public. */
  heard: number;
}

/** What was done, in a sentence or two. */
export function deedWords(deed: DeedFacts): string {
  if (deed.undone_at) return `Taken back. ${whatWaits(deed)}${alreadyTold(deed)}`;
  return `${doneWords(deed)} ${mailWords(deed)}${heardWords(deed)}`;
}

/** Until when it can be taken back, and what of it nobody has heard yet; empty where it cannot. */
export function undoWords(deed: DeedFacts, now: Date): string {
  if (!canUndo(deed, now)) return '';
  const passed = now.getTime() - deed.at.getTime();
  const left = durationWords(undoMs - passed);
  if (deed.kind === 'spam') return `You can take this back for ${left}.`;
  if (deed.waiting > 0 && passed < holdMs) {
    const soon = holdWords(holdMs - passed);
    if (deed.kind === 'acknowledge')
      return `The page shows it at once. ${atOnce(deed, soon)} You can take it back for ${left}.`;
    return `You can take this back for ${left}; for ${soon} nobody hears of it.`;
  }
  return `You can take this back for ${left}.`;
}

function atOnce({ heard }: DeedFacts, soon: string): string {
  if (heard === 0) return `Mails go out in ${soon}; if you take it back before, nobody is mailed.`;
  return `Mails to those who told us go out in ${soon}, and not at all if you take it back before.`;
}

function doneWords({ kind, reports, title }: DeedFacts): string {
  const some = reports === 1 ? 'One report' : `${reports.toLocaleString('en')} reports`;
  const [is, has] = reports === 1 ? ['is', 'has'] : ['are', 'have'];
  if (kind === 'answer') return `${some} ${has} your answer.`;
  if (kind === 'spam') return `${some} ${is} put aside as spam.`;
  return `${some} ${is} part of “${title ?? 'an issue that is gone'}” now.`;
}

function mailWords({ kind, waiting, told }: DeedFacts): string {
  if (kind === 'spam') return 'Nobody is mailed about it.';
  if (waiting + told === 0)
    return 'Nobody of those who told us is mailed: they left no address, or know it already.';
  const are = told > 0 && waiting === 0 ? ['was told.', 'were told.'] : ['will be told.', 'will be told.'];
  return `${people(waiting + told)} ${waiting + told === 1 ? are[0] : are[1]}`;
}

function heardWords({ heard }: DeedFacts): string {
  if (heard === 0) return '';
  return heard === 1
    ? ' One subscriber is mailed at once.'
    : ` ${heard.toLocaleString('en')} subscribers are mailed at once.`;
}

function whatWaits({ kind, reports, answered }: DeedFacts): string {
  if (answered > 0)
    return answered === 1 ? 'The report stands as answered again.' : 'The reports stand as answered again.';
  const waits =
    reports === 1 ? 'The report waits in the inbox again.' : 'The reports wait in the inbox again.';
  return kind === 'spam' || reports > 0 ? waits : '';
}

function alreadyTold({ told }: DeedFacts): string {
  return told === 0 ? '' : ` ${people(told)} had been told already.`;
}

function people(count: number): string {
  return count === 1 ? 'One person' : `${count.toLocaleString('en')} people`;
}

function holdWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
