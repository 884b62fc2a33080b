import { isClosed, type Kind, type Status } from './lifecycle.ts';

/** What of an issue decides whether it can be merged. */
export interface Mergeable {
  id: string;
  kind: Kind;
  status: Status;
  merged_into: string | null;
}

/** Why one issue cannot be merged into another, in a sentence for staff; null where it can. */
export function whyNotMerge(from: Mergeable, into: Mergeable): string | null {
  if (from.id === into.id) return 'These two are one and the same.';
  if (from.merged_into !== null) return 'It is merged already; split it first.';
  if (isClosed(from.status)) return 'It is over, and everybody was told so; open it again first.';
  if (into.merged_into !== null)
    return 'That one was merged into another itself; choose the one it is followed at.';
  if ((from.kind === 'maintenance') !== (into.kind === 'maintenance'))
    return 'Planned work and something broken are not the same.';
  return null;
}

/** What is said in public on an issue that is merged, unless staff say it otherwise. */
export function mergedWords(title: string, url: string): string {
  return `${mergedOpening}${plain(title)}”, so we follow it there: ${url}`;
}

/** What is said in public on an issue that is split off again. */
export function splitWords(title: string): string {
  return `${splitOpening}${plain(title)}” after all. So we are on it again, here.`;
}

/** Whether staff found words of their own, beyond what a mail about a merge or a split says anyway. */
export function saysMore(message: string): boolean {
  return !message.startsWith(mergedOpening) && !message.startsWith(splitOpening);
}

const mergedOpening = 'This is the same problem as “';
const splitOpening = 'It turned out to be a different problem from “';

/** A title inside Markdown means nothing there. */
function plain(title: string): string {
  return title.replace(/[\\`*_[\]<>#~|&]/g, '\\$&');
}
