import type { Logger } from 'pino';

export interface Losses {
  lost(error: Error): void;
  back(): void;
}

const sayAgainMs = 60_000;

/**
 * Says that database connections are lost: at once, then once a minute while it goes on, and when the database answers
 * again. A database that is away refuses several attempts in each second, and each of them would be a line.
 */
export function sayLosses(log: Pick<Logger, 'warn'>, now: () => number = () => performance.now()): Losses {
  let saidAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  let isBackOwed = false;
  return {
    lost({ message, code }: Error & { code?: string }) {
      lost += 1;
      if (now() - saidAt < sayAgainMs) return;
      saidAt = now();
      isBackOwed = true;
      log.warn({ lost, reason: message || code }, 'database connections were lost; they will be replaced');
      lost = 0;
    },
    back() {
      if (!isBackOwed) return;
      isBackOwed = false;
      log.warn({ lost }, 'the database answers again');
      lost = 0;
    },
  };
}
