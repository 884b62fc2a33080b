import type { Edit } from './edits.ts';
import { movedWord } from './late-updates.ts';
import type { Entry } from './timeline.ts';

/** An entry, when it was said, and the edit that it tells of; null for an update. */
export interface Told {
  time: Date;
  entry: Entry;
  edit: Edit | null;
}

const near = 3_600_000; // ms

/**
 * Makes one entry of moves of the promise that follow each other within an hour with nothing said between; each step
 * stays readable in it. A promise that had run out when it was moved always stands alone. Newest first.
 */
export function foldMoves(told: readonly Told[]): Entry[] {
  const runs: Told[][] = [];
  for (const one of told) {
    const run = runs.at(-1);
    if (run && belongs(run.at(-1)!, one)) run.push(one);
    else runs.push([one]);
  }
  return runs.map((run) => (run.length === 1 ? run[0]!.entry : folded(run)));
}

function belongs(later: Told, earlier: Told): boolean {
  return (
    isMoveInTime(later) && isMoveInTime(earlier) && later.time.getTime() - earlier.time.getTime() <= near
  );
}

function isMoveInTime({ edit }: Told): boolean {
  return edit?.field === 'next_update_at' && edit.was !== null && new Date(edit.was) >= edit.edited_at;
}

function folded(run: readonly Told[]): Entry {
  const newest = run[0]!.entry;
  return { ...newest, promise: movedWord(run.at(-1)!.edit!), steps: run.map(({ entry }) => entry) };
}
