import { type Logger, pino } from 'pino';
import { isDatabaseAway, saidBy } from './db.ts';

/** JSON lines, pretty on a terminal. Errors are logged without the data that databases put into them. */
export function openLog(level: string): Logger {
  const pretty = process.stdout.isTTY;
  return pino({
    level,
    base: undefined as never,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: plainError },
    ...(pretty ? { transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } } : {}),
  });
}

function plainError(error: unknown) {
  const { name, message, code, stack } = (error ?? {}) as Error & { code?: string };
  return { type: name, message, code, stack };
}

/** A failure of ours in the log, whole; of a database that is away one line says enough. */
export function logFailure(
  log: Pick<Logger, 'warn' | 'error'>,
  error: unknown,
  route: string | undefined,
  what: string,
): void {
  if (isDatabaseAway(error)) log.warn({ reason: saidBy(error), route }, `${what}: the database is away`);
  else log.error({ err: error, route }, what);
}
