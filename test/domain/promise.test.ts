import t from 'tap';
import { kinds } from '../../src/domain/lifecycle.ts';
import { defaultPromise, promiseChoices, promisedBy, promiseState } from '../../src/domain/promise.ts';

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
