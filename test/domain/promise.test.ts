import fc from 'fast-check';
import t from 'tap';
import { type Kind, kinds, type Status } from '../../src/domain/lifecycle.ts';
import {
  defaultPromise,
  type Nudge,
  nudgeDue,
  nudgeLead,
  promiseChoices,
  promisedBy,
  promiseInMail,
  promiseLeft,
  promiseState,
} from '../../src/domain/promise.ts';
import { keptLate } from '../../src/domain/promise-history.ts';
import { issueIn, whyNotReturn } from '../../src/domain/returning.ts';

const at = (text: string) => new Date(`${text}:00.000Z`);

t.test('a choice promises a time', async (t) => {
  const cases: [string, Parameters<typeof promisedBy>[0], string | null][] = [
    ['2026-11-18T10:00', '30m', '2026-11-18T10:30'],
    ['2026-11-18T23:45', '30m', '2026-11-19T00:15'],
    ['2026-11-18T10:00', '4h', '2026-11-18T14:00'],
    ['2026-11-21T10:00', '1d', '2026-11-22T10:00'],
    ['2026-11-18T10:00', '2wd', '2026-11-20T10:00'], // Wednesday → Friday
    ['2026-11-19T10:00', '2wd', '2026-11-23T10:00'], // Thursday → Monday
    ['2026-11-20T10:00', '2wd', '2026-11-24T10:00'], // Friday → Tuesday
    ['2026-11-21T10:00', '2wd', '2026-11-24T10:00'], // Saturday → Tuesday
    ['2026-11-20T10:00', '5wd', '2026-11-27T10:00'],
    ['2026-12-30T10:00', '2wd', '2027-01-01T10:00'],
    ['2026-11-20T10:00', 'none', null],
    ['2026-11-20T10:00', 'date', null],
  ];
  for (const [now, choice, then] of cases)
    t.same(promisedBy(choice, at(now)), then && at(then), `${choice} from ${now}`);
});

t.test('each kind begins with a promise that can be chosen', async (t) => {
  for (const kind of kinds) t.ok(promiseChoices.includes(defaultPromise(kind)), kind);
  t.equal(defaultPromise('incident'), '30m');
  t.equal(defaultPromise('bug'), '2wd');
});

t.test('a promise is none, kept or overdue', async (t) => {
  t.equal(promiseState(null, at('2026-11-20T10:00')), 'none');
  t.equal(promiseState(at('2026-11-20T10:00'), at('2026-11-20T10:00')), 'kept');
  t.equal(promiseState(at('2026-11-20T10:00'), new Date(at('2026-11-20T10:00').getTime() + 1)), 'overdue');
});

const minute = 60_000;

t.test('a reminder comes a quarter before the end, within bounds', async (t) => {
  for (const [length, lead] of [
    [1, null],
    [9, null], // whoever made it is still at it
    [10, 5],
    [30, 7.5],
    [60, 15],
    [240, 60],
    [480, 120],
    [10_080, 120],
  ] as const)
    t.equal(nudgeLead(length * minute), lead && lead * minute, `${length} minutes`);
});

t.test('which reminder is due', async (t) => {
  const cases: [made: string, promised: string, now: string, Nudge | null][] = [
    ['2026-11-20T10:00', '2026-11-20T11:00', '2026-11-20T10:44', null],
    ['2026-11-20T10:00', '2026-11-20T11:00', '2026-11-20T10:45', 'soon'],
    ['2026-11-20T10:00', '2026-11-20T11:00', '2026-11-20T11:00', 'soon'], // kept to the last moment
    ['2026-11-20T10:00', '2026-11-20T11:00', '2026-11-20T11:01', 'lapsed'],
    ['2026-11-20T10:00', '2026-11-20T11:00', '2026-11-27T11:00', 'lapsed'],
    ['2026-11-20T10:00', '2026-11-20T11:00', '2026-11-27T11:01', null], // news to nobody
    ['2026-11-20T10:00', '2026-11-20T10:05', '2026-11-20T10:04', null],
    ['2026-11-20T10:00', '2026-11-20T10:05', '2026-11-20T10:06', 'lapsed'],
    ['2026-11-20T10:00', '2026-11-24T10:00', '2026-11-24T07:59', null],
    ['2026-11-20T10:00', '2026-11-24T10:00', '2026-11-24T08:00', 'soon'],
    ['2026-11-20T10:00', '2026-11-20T09:00', '2026-11-20T10:00', 'lapsed'], // imported, or set in the past
  ];
  for (const [made, promised, now, due] of cases)
    t.equal(nudgeDue({ madeAt: at(made), promisedAt: at(promised) }, at(now)), due, `${promised} at ${now}`);
});

t.test('however often the clock is looked at, the reminders are at most two: soon, then lapsed', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -100, max: 20_000 }),
      fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 }),
      (length, looks) => {
        const madeAt = at('2026-11-20T10:00');
        const promisedAt = new Date(madeAt.getTime() + length * minute);
        const seen = looks
          .sort((a, b) => a - b)
          .map((look) => nudgeDue({ madeAt, promisedAt }, new Date(madeAt.getTime() + look * minute)))
          .filter((nudge) => nudge !== null);
        const turns = seen.filter((nudge, n) => nudge !== seen[n - 1]);
        return ['', 'soon', 'lapsed', 'soon lapsed'].includes(turns.join(' '));
      },
    ),
  );
});

t.test('how far a promise is from its end', async (t) => {
  const promised = at('2026-11-20T10:00');
  for (const [now, words] of [
    ['2026-11-20T09:48', 'runs out in 12 minutes'],
    ['2026-11-18T08:00', 'runs out in 2 days 2 hours'],
    ['2026-11-20T10:00', 'runs out in less than a minute'],
    ['2026-11-20T10:20', 'ran out 20 minutes ago'],
  ] as const)
    t.equal(promiseLeft(promised, at(now)), words);
});

t.test('an update that came after its promise had run out is known as such', async (t) => {
  const step = (time: string, promised: string | null, updateId: string | null) => ({
    at: at(`2026-11-20T${time}`),
    promisedAt: promised === null ? null : at(`2026-11-20T${promised}`),
    updateId,
  });
  const cases: [string, ReturnType<typeof step>[], [string, string][]][] = [
    ['kept', [step('10:00', '11:00', null), step('10:59', '12:00', 'a')], []],
    ['kept to the minute', [step('10:00', '11:00', null), step('11:00', null, 'a')], []],
    ['late', [step('10:00', '11:00', null), step('11:01', null, 'a')], [['a', '11:00']]],
    [
      'late once',
      [step('10:00', '11:00', null), step('11:30', '12:30', 'a'), step('12:00', null, 'b')],
      [['a', '11:00']],
    ],
    [
      'moved, then kept',
      [step('10:00', '11:00', null), step('10:30', '12:00', null), step('11:30', null, 'a')],
      [],
    ],
    ['dropped', [step('10:00', '11:00', null), step('10:30', null, null), step('15:00', null, 'a')], []],
    ['none', [step('10:00', null, null), step('15:00', null, 'a')], []],
  ];
  for (const [what, history, late] of cases)
    t.same(
      [...keptLate(history)],
      late.map(([id, time]) => [id, at(`2026-11-20T${time}`)]),
      what,
    );
});

t.test('a new issue is the return of one that was over', async (t) => {
  const of = (status: Status, kind: Kind = 'bug', merged_into: string | null = null) => ({
    kind,
    status,
    merged_into,
  });
  const cases: [Parameters<typeof whyNotReturn>[0], Kind, RegExp | null][] = [
    [of('resolved'), 'bug', null],
    [of('resolved', 'incident'), 'bug', null],
    [undefined, 'bug', /no such issue/],
    [of('monitoring'), 'bug', /not over/],
    [of('resolved', 'bug', 'abcdefghijkl'), 'bug', /merged/],
    [of('completed', 'maintenance'), 'bug', /Planned work/],
    [of('resolved'), 'maintenance', /Planned work/],
  ];
  for (const [old, kind, why] of cases) {
    const said = whyNotReturn(old, kind);
    if (why) t.match(said, why);
    else t.equal(said, null, JSON.stringify(old));
  }
});

t.test('an issue is known by its id or by the address of any of its pages', async (t) => {
  for (const [pasted, id] of [
    [' abcdefghijk1 ', 'abcdefghijk1'],
    ['https://status.example.com/issues/abcdefghijk1', 'abcdefghijk1'],
    ['https://status.example.com/admin/issues/abcdefghijk1/edit#u-1', 'abcdefghijk1'],
    ['/issues/abcdefghijk1?x=1', 'abcdefghijk1'],
    ['abcdefghijk12', null],
    ['https://elsewhere.example/abcdefghijk1', null],
    ['', null],
  ] as const)
    t.equal(issueIn(pasted), id, pasted);
});

t.test('around its end a promise is due in a mail, neither ahead nor late', async (t) => {
  const end = at('2026-11-21T09:43');
  const cases: [number, ReturnType<typeof promiseInMail>][] = [
    [-120_001, 'kept'],
    [-120_000, 'due'],
    [37_000, 'due'],
    [60_000, 'overdue'],
  ];
  for (const [ms, want] of cases) t.equal(promiseInMail(end, new Date(end.getTime() + ms)), want, `${ms}`);
  t.equal(promiseInMail(null, end), 'none');
});
