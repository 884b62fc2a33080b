/** How an open issue stands with its promised next update: `none`, still `kept`, or `overdue`. */
export function promiseState(nextUpdateAt: Date | null, now: Date): 'none' | 'kept' | 'overdue' {
  if (nextUpdateAt === null) return 'none';
  return nextUpdateAt.getTime() < now.getTime() ? 'overdue' : 'kept';
}
