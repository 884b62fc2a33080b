import { isClosed, type Kind, type Status } from './lifecycle.ts';

/** What of an issue that was over decides whether another can be its return. */
export interface Over {
  kind: Kind;
  status: Status;
  merged_into: string | null;
}

/** Why a new issue of this kind is no return of that one, in a sentence for staff; null where it can be. */
export function whyNotReturn(of: Over | undefined, kind: Kind): string | null {
  if (of === undefined) return 'There is no such issue.';
  if (kind === 'maintenance' || of.kind === 'maintenance')
    return 'Planned work does not come back; say what is broken.';
  if (of.merged_into !== null) return 'That one was merged into another; name the one it is followed at.';
  if (!isClosed(of.status)) return 'That one is not over: post an update there, or merge the two.';
  return null;
}

/** What somebody pasted for an issue: its id, or the address of one of its pages; null for neither. */
export function issueIn(pasted: string): string | null {
  const [, id = null] = /(?:^|\/issues\/)([0-9a-z]{12})(?:[/?#]|$)/.exec(pasted.trim()) ?? [];
  return id;
}
