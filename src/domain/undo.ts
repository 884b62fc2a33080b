/** How long a step at the desk can be taken back, in milliseconds. */
export const undoMs = 60 * 60_000;

/** How long the mails of such a step wait, in milliseconds: taken back within it, nobody has heard of it. */
export const holdMs = 2 * 60_000;

export function canUndo(deed: { at: Date; undone_at: Date | null }, now: Date): boolean {
  return deed.undone_at === null && now.getTime() - deed.at.getTime() <= undoMs;
}
