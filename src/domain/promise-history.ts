/** Something said about an issue that settled its promise: an update, its opening, or a change of the promise alone. */
export interface Settled {
  at: Date;
  /** What is promised from then on. */
  promisedAt: Date | null;
  /** Null where nothing was said but the promise. */
  updateId: string | null;
}

/** The promise that stood before each update and had run out when it came, by the update's id; oldest first. */
export function keptLate(history: readonly Settled[]): Map<string, Date> {
  const late = new Map<string, Date>();
  let promised: Date | null = null;
  for (const { at, promisedAt, updateId } of history) {
    if (updateId !== null && promised !== null && promised < at) late.set(updateId, promised);
    promised = promisedAt;
  }
  return late;
}
