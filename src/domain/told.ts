import { peopleWords } from './labels.ts';
import type { Kind, Resolution } from './lifecycle.ts';
import { durationWords } from './times.ts';

/** How far the news that an issue is over has gone to those who told us; each person is in one of the counts but `tookBack`. */
export interface Told {
  /** Everybody who told us. */
  people: number;
  sent: number;
  /** Of those, how many were told that it is fixed for some, and nothing since. */
  forSome: number;
  /** On its way. */
  waiting: number;
  /** The fix has not reached them yet, and until then they are not told that it has. */
  waitingForFix: number;
  /** Their mail did not get through. */
  failed: number;
  /** No mail goes to their address any more. */
  suppressed: number;
  /** They left an address, and no mail was owed to it. */
  unmailed: number;
  /** They left no address. */
  silent: number;
  /** They took back what they told us before the mail went. */
  tookBack: number;
  /** Of those told, how many were owed the news later: they told us, or we found out what they had meant, when it was over. */
  sentLater: number;
  /** From the closing until the last of those was told who had told us by then; null where nobody was. */
  lastAfterMs: number | null;
}

/** How an issue ended: as it was resolved, or that planned work was done. */
export type Ending = Resolution | 'completed';

/** Planned work is done, unless it was not done at all. */
export function endingFor({ kind, resolution }: { kind: Kind; resolution: Resolution | null }): Ending {
  const undone = resolution === 'duplicate' || resolution === 'retracted';
  return kind === 'maintenance' && !undone ? 'completed' : (resolution ?? 'fixed');
}

/** Who told us and who was told, in whole sentences; whoever could not be told is counted and not hidden. */
export function toldWords(told: Told, ending: Ending): string[] {
  const { people, waitingForFix, failed, suppressed, unmailed, silent, tookBack } = told;
  if (people === 0 && ending === 'retracted') return ['Any report that stood here went back to be read.'];
  if (people === 0 && tookBack === 0) return ['Nobody told us here.'];
  return [
    `${people === 0 ? 'Nobody tells us this any more' : peopleWords(people)}.`,
    sentWords(told, ending),
    some(
      waitingForFix,
      'The fix has not reached one yet',
      'The fix has not reached # yet',
      'we write when it has',
    ),
    some(failed, 'One could not be told', '# could not be told', 'the mail did not get through', ':'),
    some(suppressed, 'One could not be told', '# could not be told', 'no mail goes there any more', ':'),
    some(unmailed, 'One got no mail about it', '# got no mail about it', 'and can read it here'),
    some(
      silent,
      'One left no address',
      '# left no address',
      'and can read it here or on a page of their own',
    ),
    some(tookBack, 'One took it back', '# took it back', 'before we wrote', ''),
  ].filter((sentence) => sentence !== '');
}

function sentWords(told: Told, ending: Ending): string {
  const { people, sent, waiting, forSome } = told;
  if (waiting > 0)
    return `${count(sent)} of ${count(people)} ${sent === 1 ? 'has' : 'have'} been told so far.`;
  if (sent === 0) return '';
  const toldSome = `${were(forSome)} told that it is fixed for some`;
  if (forSome === sent) return `${toldSome}${howSoon(told)}.`;
  if (forSome > 0) return `${were(sent - forSome)} told ${news[ending]}. ${toldSome}.`;
  return `${were(sent)} told ${news[ending]}${howSoon(told)}.`;
}

function were(people: number): string {
  return people === 1 ? 'One was' : `${count(people)} were`;
}

function howSoon({ sent, sentLater, lastAfterMs }: Told): string {
  if (lastAfterMs === null) return '';
  const isSoon = lastAfterMs < 60_000;
  const within = isSoon ? 'within a minute' : `${durationWords(lastAfterMs)} after`;
  if (sent === 1) return `, ${within}`;
  const last = isSoon ? 'all within a minute' : `the last one ${within}`;
  return sentLater > 0 ? `; of those who had told us by then ${last}` : `, ${last}`;
}

const news: Record<Ending, string> = {
  fixed: 'it is fixed',
  wont_fix: 'that we will not change it',
  not_reproducible: 'that we could not make it happen',
  duplicate: 'that we follow it elsewhere',
  retracted: 'that we took it back',
  completed: 'that the work is done',
};

function some(people: number, one: string, many: string, rest: string, joint = ','): string {
  if (people === 0) return '';
  return `${people === 1 ? one : many.replace('#', count(people))}${joint} ${rest}.`;
}

function count(people: number): string {
  return people.toLocaleString('en');
}
