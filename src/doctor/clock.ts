import { type Finding, ok, warn } from './finding.ts';

/** Whether two clocks agree; promises and retries go by ours. */
export function clockFinding(check: string, whose: string, offMs: number, toleratedMs: number): Finding {
  if (Math.abs(offMs) <= toleratedMs) return ok(check, `Ours and that of ${whose} agree.`);
  const seconds = Math.round(Math.abs(offMs) / 100) / 10;
  return warn(
    check,
    `The clock of ${whose} is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} ours.`,
    'Let both machines keep the time by NTP.',
  );
}
