import { isClosed, type Resolution, type Status } from './lifecycle.ts';

/** What those who answered say of a fix; one person is one answer. */
export interface Word {
  yes: number;
  no: number;
}

/**
 * Whether so many say that a fix does not work that staff must look at it again. `seen` is how many had said so when
 * staff last looked and left it fixed: what came since must be enough by itself.
 */
export function isInDoubt(
  { works, worksNot, seen }: { works: number; worksNot: number; seen: number },
  { least, share }: { least: number; share: number },
): boolean {
  return worksNot - seen >= Math.max(least, 1) && worksNot >= share * (works + worksNot);
}

/** Whether "does it work?" is a question here: only of what we say works. */
export function isSaidToWork({
  status,
  resolution,
}: {
  status: Status;
  resolution: Resolution | null;
}): boolean {
  return isClosed(status) && (resolution === null || resolution === 'fixed');
}

/** "38 of the 41 who answered say it works.", or what most of them say where that is no; empty where nobody answered. */
export function wordOf({ yes, no }: Word): string {
  const all = yes + no;
  if (all === 0) return '';
  if (all === 1) return `One person answered: it ${yes ? 'works' : 'does not work'}.`;
  if (no === 0) return `${everybody(all)} who answered say it works.`;
  if (yes === 0) return `${everybody(all)} who answered say it does not work.`;
  if (yes > no) return `${count(yes)} of the ${count(all)} who answered ${say(yes)} it works.`;
  if (no > yes) return `${count(no)} of the ${count(all)} who answered ${say(no)} it does not work.`;
  return `Of the ${count(all)} who answered, ${count(yes)} ${say(yes)} it works and ${count(no)} ${say(no)} it does not.`;
}

/** Our answer to "is it me?" while a fix is in doubt; empty where it is not. */
export function doubtWords({ yes, no }: Word, seen: number, rule: Parameters<typeof isInDoubt>[1]): string {
  if (!isInDoubt({ works: yes, worksNot: no, seen }, rule)) return '';
  const said =
    yes > no
      ? `${count(no)} of the ${count(yes + no)} who answered ${say(no)} it does not work.`
      : wordOf({ yes, no });
  return `We said that it is fixed. ${said} We are looking at it.`;
}

/** What we might say in public when we open it again because of them; staff go on from here. */
export function reopeningWords({ yes, no }: Word): string {
  const who =
    no === 1
      ? 'One of you'
      : yes === 0
        ? `${count(no)} of you`
        : `${count(no)} of the ${count(yes + no)} of you who answered`;
  return `${who} told us that it does not work. So it is not over, and we were wrong to say that it was. We are on it again.`;
}

function everybody(all: number): string {
  return all === 2 ? 'Both' : `All ${count(all)}`;
}

function say(people: number): string {
  return people === 1 ? 'says' : 'say';
}

function count(people: number): string {
  return people.toLocaleString('en');
}
