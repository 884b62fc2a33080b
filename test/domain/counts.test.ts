import t from 'tap';
import { type Counts, countsAfter, countsFellSilently, noCounts } from '../../src/domain/counts.ts';

const told = {
  update_id: 'u1',
  owed: 5,
  sent: 3,
  failed: 1,
  suppressed: 1,
  cancelled: 0,
  last_sent_at: '2026-11-21T12:03:00.000Z',
};
const stated: Counts = {
  people: 6,
  first_report_at: '2026-11-21T10:00:00.000Z',
  works: 3,
  works_not: 1,
  told: [told],
};

t.test(
  'a count that fell without a statement is found and named, one that rose is not stated yet',
  async (t) => {
    const cases: [string, Counts, string[]][] = [
      ['nothing changed', stated, []],
      [
        'all rose',
        { ...stated, people: 9, works: 4, works_not: 2, told: [{ ...told, owed: 8, sent: 6 }] },
        [],
      ],
      ['somebody told us before', { ...stated, first_report_at: '2026-11-21T09:00:00.000Z' }, []],
      ['a later closing', { ...stated, told: [told, { ...told, update_id: 'u2', owed: 1 }] }, []],
      ['a report is gone', { ...stated, people: 5 }, ['people 6 → 5']],
      ['a no became a yes', { ...stated, works: 4, works_not: 0 }, ['works_not 1 → 0']],
      ['a yes is gone', { ...stated, works: 2 }, ['works 3 → 2']],
      [
        'the first report looks later',
        { ...stated, first_report_at: '2026-11-21T10:00:00.001Z' },
        ['first_report_at 2026-11-21T10:00:00.000Z → 2026-11-21T10:00:00.001Z'],
      ],
      [
        'a mail is gone',
        { ...stated, told: [{ ...told, owed: 4, failed: 0 }] },
        ['u1 owed 5 → 4', 'u1 failed 1 → 0'],
      ],
      ['a failure looks sent', { ...stated, told: [{ ...told, sent: 4, failed: 0 }] }, ['u1 failed 1 → 0']],
      [
        'the last one looks earlier',
        { ...stated, told: [{ ...told, last_sent_at: '2026-11-21T12:00:00.000Z' }] },
        ['u1 last_sent_at 2026-11-21T12:03:00.000Z → 2026-11-21T12:00:00.000Z'],
      ],
      [
        'the closing is gone, with all its mails',
        { ...stated, told: [] },
        [
          'u1 owed 5 → 0',
          'u1 sent 3 → 0',
          'u1 failed 1 → 0',
          'u1 suppressed 1 → 0',
          'u1 last_sent_at 2026-11-21T12:03:00.000Z → null',
        ],
      ],
    ];
    for (const [what, now, found] of cases) {
      const lines = countsFellSilently(stated, now).map(({ what: which, update_id, stated: was, now: is }) =>
        [update_id, which, was, '→', is === null ? 'null' : is].filter((part) => part !== null).join(' '),
      );
      t.same(lines, found, what);
    }
    t.same(countsFellSilently(noCounts, stated), [], 'where nothing was stated nothing can have fallen');
  },
);

t.test('the latest statement counts, of an issue and of each of its closings', async (t) => {
  const issue_id = 'i1';
  const counted = {
    type: 'counted',
    issue_id,
    people: 6,
    first_report_at: null,
    works: 0,
    works_not: 0,
  } as const;
  const first = { type: 'told', issue_id, people: 6, ...told } as const;
  const statements = [
    { ...counted, people: 2 },
    first,
    { ...first, update_id: 'u2', owed: 7 },
    { ...first, sent: 5 },
    { type: 'issue_merged', issue_id, into: 'i2' } as const,
    counted,
  ];
  const { people, told: mails } = statements.reduce(countsAfter, noCounts);
  t.same(
    [people, mails.map((one) => [one.update_id, one.owed, one.sent])],
    [
      6,
      [
        ['u2', 7, 3],
        ['u1', 5, 5],
      ],
    ],
  );
});
