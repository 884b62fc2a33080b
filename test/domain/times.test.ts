import t from 'tap';
import { durationWords, utcLong, utcShort } from '../../src/domain/times.ts';

t.test('times are written as a person reads them, always in UTC', async (t) => {
  const at = new Date('2026-11-21T19:00:59.999Z');
  t.equal(utcLong(at), '21 November 2026, 19:00 UTC');
  t.equal(utcShort(at), '21 Nov 2026, 19:00 UTC');
  t.equal(utcLong(new Date('2027-01-02T03:04:00Z')), '2 January 2027, 03:04 UTC');
});

t.test('a length of time has at most two parts', async (t) => {
  const minute = 60_000;
  for (const [ms, words] of [
    [-5, 'less than a minute'],
    [59_999, 'less than a minute'],
    [minute, '1 minute'],
    [200 * minute, '3 hours 20 minutes'],
    [60 * minute, '1 hour'],
    [1440 * minute, '1 day'],
    [1440 * minute + 59 * minute, '1 day'],
    [(2 * 1440 + 61) * minute, '2 days 1 hour'],
  ] as const) {
    t.equal(durationWords(ms), words);
  }
});
