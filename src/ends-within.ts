/**
 * Whether the work has ended once that many milliseconds are over; it goes on either way. Throws what the work throws meanwhile.
 * What came in time, while this process was too busy to look, is in time.
 */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => setImmediate(() => resolve(false)), ms);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
