/** What one look found, and what to do about it. */
export interface Finding {
  check: string;
  state: 'ok' | 'warn' | 'FAIL';
  says: string;
  next?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says });
export const warn = (check: string, says: string, next: string): Finding => ({
  check,
  state: 'warn',
  says,
  next,
});
export const fail = (check: string, says: string, next: string): Finding => ({
  check,
  state: 'FAIL',
  says,
  next,
});

/** "1 mail waits" or "3 mails wait", by the two given. */
export const counted = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** The reason of a failure in one line. */
export function reasonOf(error: unknown): string {
  const { message, code, cause, errors } = error as {
    message?: string;
    code?: string;
    cause?: unknown;
    errors?: unknown[];
  };
  if (cause) return reasonOf(cause);
  if (!message && errors?.[0]) return reasonOf(errors[0]);
  return (message || code || String(error)).split('\n')[0]!;
}
