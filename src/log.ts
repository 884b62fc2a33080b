import { type Logger, pino } from 'pino';

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
