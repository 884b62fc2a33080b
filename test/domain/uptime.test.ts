import fc from 'fast-check';
import t from 'tap';
import type { ComponentStatus } from '../../src/domain/impact.ts';
import { dayMs, percent, type Span, type StateChange, spansOf, uptimeOf } from '../../src/domain/uptime.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
const hour = 3_600_000;
const ago = (hours: number) => new Date(now.getTime() - hours * hour);
const span = (from: number, until: number, status: ComponentStatus = 'major_outage'): Span => ({
  from: ago(from),
  until: ago(until),
  status,
});

t.test('a day shows its worst hour, and only what was down counts as down', async (t) => {
  const { days, share } = uptimeOf(
    [
      span(10, 8, 'partial_outage'),
      span(9, 7),
      span(36, 13, 'degraded_performance'),
      span(40, 39, 'under_maintenance'),
    ],
    ago(1_000),
    3,
    now,
  );
  t.same(
    days.map(({ start }) => start.toISOString().slice(0, 10)),
    ['2026-11-19', '2026-11-20', '2026-11-21'],
  );
  t.same(
    days.map(({ worst }) => worst),
    ['under_maintenance', 'degraded_performance', 'major_outage'],
  );
  t.same(
    days.map(({ downMs }) => downMs),
    [0, 0, 3 * hour],
    'an overlap counts once',
  );
  t.equal(share, 1 - 3 / 60);
});

t.test('what we do not know is not claimed', async (t) => {
  const { days, share } = uptimeOf([span(30, 1)], ago(20), 3, now);
  t.same(
    days.map(({ worst }) => worst),
    [null, 'major_outage', 'major_outage'],
  );
  t.equal(share, 1 / 20, 'nothing before it was known counts');
  t.equal(uptimeOf([], new Date(now.getTime() + hour), 3, now).share, null);
  t.same(
    uptimeOf([], ago(1_000), 2, now).days.map(({ worst }) => worst),
    ['operational', 'operational'],
  );
});

t.test('a percentage never rounds trouble away', async (t) => {
  for (const [share, text] of [
    [1, '100 %'],
    [0.999999, '99.99 %'],
    [0.9951, '99.51 %'],
    [0.5, '50.0 %'],
    [0, '0.0 %'],
  ] as const)
    t.equal(percent(share), text);
});

t.test('spans follow what was said, from when it began until it was over', async (t) => {
  const issue = { id: 'a', startedAt: ago(10), endedAt: ago(2), planned: false, begunAt: null };
  const said = (status: ComponentStatus, hours: number, by: StateChange['issue'] = issue): StateChange => ({
    status,
    at: ago(hours),
    issue: by,
  });
  t.same(
    spansOf([said('major_outage', 9), said('degraded_performance', 5), said('operational', 4)], now),
    [span(10, 5), span(5, 4, 'degraded_performance')],
    'the first counts from the beginning of the issue, not from when it was written',
  );
  t.same(spansOf([said('major_outage', 9, { ...issue, endedAt: null })], now), [span(10, 0)], 'until now');
  t.same(
    spansOf([said('major_outage', 9), said('operational', 5), said('partial_outage', 3)], now),
    [span(10, 5), span(3, 2, 'partial_outage')],
    'over for a while, and opened again',
  );
  const planned = { ...issue, planned: true, begunAt: ago(6) };
  t.same(spansOf([said('under_maintenance', 9, planned)], now), [span(6, 2, 'under_maintenance')]);
  t.same(spansOf([said('under_maintenance', 9, { ...planned, begunAt: null })], now), [], 'not begun');
  t.same(
    spansOf([said('partial_outage', 8, null), said('major_outage', 7), said('operational', 6, null)], now),
    [span(8, 6, 'partial_outage'), span(10, 2)],
    'what staff set is apart from what an issue says',
  );
});

t.test('the share is that of a count by the minute', async (t) => {
  const states: ComponentStatus[] = ['degraded_performance', 'partial_outage', 'major_outage'];
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          from: fc.integer({ min: 0, max: 4_000 }),
          length: fc.integer({ min: 1, max: 2_000 }),
          state: fc.constantFrom(...states),
        }),
        { maxLength: 8 },
      ),
      fc.integer({ min: 1, max: 4_000 }),
      (drawn, known) => {
        const minute = 60_000;
        const spans = drawn.map(({ from, length, state }) => ({
          from: new Date(now.getTime() - from * minute),
          until: new Date(Math.min(now.getTime(), now.getTime() - (from - length) * minute)),
          status: state,
        }));
        const { share } = uptimeOf(spans, new Date(now.getTime() - known * minute), 2, now);
        const first = Math.min(known, (now.getTime() % dayMs) / minute + 1440);
        let down = 0;
        for (let m = first; m > 0; m--)
          if (
            drawn.some(
              ({ from, length, state }) => state !== 'degraded_performance' && m <= from && m > from - length,
            )
          )
            down++;
        return Math.abs(share! - (1 - down / first)) < 1e-9;
      },
    ),
  );
  t.pass('for every set of spans drawn');
});
