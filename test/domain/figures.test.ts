import { readFileSync } from 'node:fs';
import t from 'tap';
import { type AllFigures, figuresOf } from '../../src/domain/figures.ts';
import { startFigures, takeEntry } from '../../src/domain/figures-facts.ts';
import { revive, settle, touchedBy } from '../../src/domain/figures-settled.ts';
import { definitions } from '../../src/domain/figures-words.ts';
import { type Entry, noHash } from '../../src/domain/ledger.ts';

// A ledger is written down here as lines of [minute, issue, what, …]; minute 0 is the beginning of November 2026.

type Line = [at: number, issue: string | null, type: string, fields?: Record<string, unknown>];

const start = Date.UTC(2026, 10, 1);
const iso = (minute: number) => new Date(start + minute * 60_000).toISOString();
const month = 30 * 24 * 60; // November, in minutes

const opened = (at: number, id: string, fields: Record<string, unknown> = {}): Line => [
  at,
  id,
  'issue_opened',
  {
    kind: 'bug',
    status: 'investigating',
    resolution: null,
    next_update_at: null,
    return_of: null,
    updates: [{ id: `${id}-opening` }],
    ...fields,
  },
];
const said = (at: number, id: string, fields: Record<string, unknown> = {}): Line => [
  at,
  id,
  'update_posted',
  { update_id: `${id}-${at}`, status: 'identified', next_update_at: null, resolution: null, ...fields },
];
const fixed = (at: number, id: string, resolution = 'fixed'): Line =>
  said(at, id, { status: 'resolved', resolution });
const promised = (at: number, id: string, by: number | null): Line => [
  at,
  id,
  'issue_changed',
  { changes: { next_update_at: { was: null, is: by === null ? null : iso(by) } } },
];
const counted = (at: number, id: string, first: number | null, works = 0, worksNot = 0): Line => [
  at,
  id,
  'counted',
  { people: 1, first_report_at: first === null ? null : iso(first), works, works_not: worksNot },
];
const told = (at: number, id: string, closing: number, fields: Record<string, unknown> = {}): Line => [
  at,
  id,
  'told',
  {
    update_id: `${id}-${closing}`,
    people: 3,
    owed: 2,
    sent: 2,
    failed: 0,
    suppressed: 0,
    cancelled: 0,
    last_sent_at: iso(at),
    ...fields,
  },
];

function entries(lines: readonly Line[]): Entry[] {
  return lines.map(([at, issue_id, type, fields], index) => {
    const entry = {
      seq: index + 1,
      at: iso(at),
      type,
      issue_id,
      ...fields,
      prev: noHash,
      hash: String(index),
    };
    return entry as unknown as Entry;
  });
}

function figures(lines: readonly Line[], now: number) {
  const fold = startFigures(noHash);
  for (const entry of entries(lines)) takeEntry(fold, entry);
  const counted = figuresOf(fold, new Date(start + now * 60_000));
  t.same(forgetful(lines, now), counted, 'the same where what is over is let go of at once');
  return counted;
}

/** Counts the same, keeping of each issue that is over only what it came to, and bringing back what is spoken of again. */
function forgetful(lines: readonly Line[], now: number): AllFigures {
  const fold = startFigures(noHash);
  const all = entries(lines);
  for (const [n, entry] of all.entries()) {
    const before = startFigures(noHash);
    for (const earlier of all.slice(0, n)) takeEntry(before, earlier);
    for (const id of touchedBy(entry)) {
      const issue = before.issues.get(id);
      if (issue) revive(fold, id, issue);
    }
    takeEntry(fold, entry);
    settle(fold, 0);
  }
  return figuresOf(fold, new Date(start + now * 60_000));
}

const one = (minutes: number) => ({
  count: 1,
  median_seconds: minutes * 60,
  slowest_tenth_seconds: minutes * 60,
});
const none = { count: 0, median_seconds: null, slowest_tenth_seconds: null };

t.test('what the ledger says comes to figures', async (t) => {
  const cases: [what: string, lines: Line[], all: object][] = [
    [
      'somebody told us first, then we spoke, then we fixed it, then all were told',
      [
        opened(30, 'a'),
        counted(31, 'a', 10),
        said(40, 'a'),
        said(50, 'a'),
        fixed(70, 'a'),
        told(73, 'a', 70),
      ],
      {
        acknowledged: { ...one(20), known_before: 0 },
        first_update: one(30),
        fixed: one(60),
        told: one(3),
        people: { told_us: 3, told: 2, could_not_be_told: 0, left_no_address: 1 },
      },
    ],
    [
      'we knew before; the update before the first report is none to her',
      [opened(5, 'a'), said(8, 'a'), counted(12, 'a', 10), said(20, 'a')],
      { acknowledged: { ...none, known_before: 1 }, first_update: one(10), fixed: none, told: none },
    ],
    [
      'nobody told us',
      [opened(5, 'a'), said(8, 'a'), fixed(9, 'a')],
      { acknowledged: { ...none, known_before: 0 }, fixed: none, fixes: { fixed: 1 } },
    ],
    [
      'reported only after the fix',
      [opened(5, 'a'), fixed(9, 'a'), counted(21, 'a', 20)],
      { fixed: none, first_update: none, acknowledged: { known_before: 1 } },
    ],
    [
      'the first of them was found later',
      [opened(30, 'a'), counted(31, 'a', 20), counted(90, 'a', 10)],
      { acknowledged: one(20) },
    ],
    [
      'all took their reports back',
      [opened(30, 'a'), counted(31, 'a', 20), counted(90, 'a', null)],
      { acknowledged: { ...none, known_before: 0 } },
    ],
    [
      'not fixed',
      [opened(5, 'a'), counted(6, 'a', 4), fixed(9, 'a', 'wont_fix'), told(10, 'a', 9)],
      { fixed: none, told: none, fixes: { fixed: 0 }, people: { told_us: 0 } },
    ],
    [
      'planned work has no times',
      [
        opened(5, 'a', { kind: 'maintenance', status: 'scheduled' }),
        counted(6, 'a', 4),
        said(8, 'a', { status: 'completed', resolution: 'fixed' }),
      ],
      { acknowledged: { ...none, known_before: 0 }, first_update: none, fixed: none, fixes: { fixed: 0 } },
    ],
    [
      'it was over when we opened it',
      [opened(5, 'a', { status: 'resolved', resolution: 'fixed' }), counted(6, 'a', 2)],
      { acknowledged: one(3), fixed: one(3), fixes: { fixed: 1 } },
    ],
    [
      'opened again: the fix that holds counts, and that it came back',
      [
        opened(5, 'a'),
        counted(6, 'a', 5),
        fixed(10, 'a'),
        told(12, 'a', 10),
        said(20, 'a'),
        fixed(50, 'a'),
        told(55, 'a', 50),
      ],
      { fixed: one(45), told: { count: 2 }, fixes: { fixed: 2, came_back: 1 }, people: { told_us: 6 } },
    ],
    [
      'open again',
      [opened(5, 'a'), counted(6, 'a', 5), fixed(10, 'a'), said(20, 'a')],
      { fixed: none, fixes: { fixed: 1, came_back: 1 } },
    ],
    [
      'back after we gave up',
      [opened(5, 'a'), fixed(10, 'a', 'wont_fix'), said(20, 'a')],
      { fixes: { came_back: 0 } },
    ],
    [
      'back as a new one',
      [opened(5, 'a'), fixed(10, 'a'), opened(20, 'b', { return_of: 'a' })],
      { fixes: { came_back: 1 } },
    ],
    [
      'merged: known from when the first of the two was opened; and apart again',
      [opened(10, 'a'), opened(30, 'b'), [40, 'a', 'issue_merged', { into: 'b' }], counted(41, 'b', 5)],
      { acknowledged: one(5) },
    ],
    [
      'split again',
      [
        opened(10, 'a'),
        opened(30, 'b'),
        [40, 'a', 'issue_merged', { into: 'b' }],
        [45, 'a', 'issue_split', { from: 'b' }],
        counted(46, 'b', 5),
      ],
      { acknowledged: one(25) },
    ],
    [
      'from before the ledger: no times, but its promise and its fix',
      [
        [
          0,
          'a',
          'issue_taken_over',
          {
            kind: 'bug',
            status: 'investigating',
            next_update_at: iso(20),
            resolution: null,
            resolved_at: null,
            merged_into: null,
            updates: [],
          },
        ],
        counted(1, 'a', -9),
        fixed(10, 'a'),
      ],
      {
        acknowledged: { ...none, known_before: 0 },
        fixed: none,
        told: none,
        promises: { kept: 1 },
        fixes: { fixed: 1 },
      },
    ],
    [
      'fixed before the ledger',
      [
        [
          0,
          'a',
          'issue_taken_over',
          {
            kind: 'bug',
            status: 'resolved',
            next_update_at: null,
            resolution: 'fixed',
            resolved_at: iso(-9),
            merged_into: null,
            updates: [{ id: 'a--9' }],
          },
        ],
        counted(1, 'a', -20, 5),
        told(2, 'a', -9),
        said(10, 'a'),
      ],
      { fixes: { fixed: 0, answered: 0, came_back: 1 }, people: { told_us: 0 }, told: none },
    ],
    [
      'who could not be told, and some who still wait for the fix to reach them',
      [
        opened(5, 'a'),
        counted(6, 'a', 5),
        fixed(10, 'a'),
        told(12, 'a', 10, { people: 9, owed: 7, sent: 2, failed: 1, suppressed: 1, cancelled: 1 }),
      ],
      { told: none, people: { told_us: 9, told: 2, could_not_be_told: 2, left_no_address: 3 } },
    ],
    [
      'the latest word on who was told counts',
      [
        opened(5, 'a'),
        counted(6, 'a', 5),
        fixed(10, 'a'),
        told(12, 'a', 10),
        told(30, 'a', 10, { owed: 3, sent: 3, last_sent_at: iso(20) }),
      ],
      { told: one(10), people: { told: 3 } },
    ],
    [
      'whether it works',
      [opened(5, 'a'), fixed(10, 'a'), counted(20, 'a', 5, 2, 0), counted(30, 'a', 5, 3, 1)],
      { fixes: { fixed: 1, answered: 4, work: 3 } },
    ],
    [
      'of each fix by itself',
      [
        opened(5, 'a'),
        fixed(10, 'a'),
        counted(20, 'a', 5, 0, 4),
        said(30, 'a'),
        fixed(40, 'a'),
        counted(50, 'a', 5, 2, 0),
      ],
      { fixes: { fixed: 2, answered: 6, work: 2 } },
    ],
    [
      'answers, one taken back, and who was right',
      [
        [1, null, 'answered', { verdict: 'not_a_bug', count: 5 }],
        [2, null, 'answered', { verdict: 'not_a_bug', count: -2 }],
        [3, null, 'answered', { verdict: 'explained', count: 9 }],
        [4, 'a', 'were_right', { verdict: 'not_a_bug', count: 1 }],
      ],
      { answers: { not_a_bug: { given: 3, were_right: 1 }, works_as_designed: { given: 0, were_right: 0 } } },
    ],
  ];
  for (const [what, lines, all] of cases) t.match(figures(lines, 100).all, all, what);
});

t.test('a promise is kept, moved or broken, or it still runs', async (t) => {
  const p = (kept: number, moved: number, broken: number) => ({
    made: kept + moved + broken,
    kept,
    moved,
    broken,
  });
  const open = opened(0, 'a', { next_update_at: iso(60) });
  const cases: [what: string, lines: Line[], now: number, promises: object][] = [
    ['still runs', [open], 60, p(0, 0, 0)],
    ['ran out', [open], 60.001, p(0, 0, 1)],
    ['kept to the last moment', [open, said(60, 'a')], 90, p(1, 0, 0)],
    ['an update too late', [open, said(61, 'a')], 90, p(0, 0, 1)],
    ['the end came', [open, fixed(30, 'a')], 90, p(1, 0, 0)],
    [
      'each update settles the one before',
      [open, said(30, 'a', { next_update_at: iso(50) }), said(55, 'a')],
      90,
      p(1, 0, 1),
    ],
    ['moved in time', [open, promised(59, 'a', 120)], 90, p(0, 1, 0)],
    ['moved in time, and then kept', [open, promised(59, 'a', 120), said(119, 'a')], 130, p(1, 1, 0)],
    ['moved too late', [open, promised(61, 'a', 120)], 90, p(0, 0, 1)],
    ['taken back without a word', [open, promised(59, 'a', null)], 90, p(0, 1, 0)],
    ['first made later', [opened(0, 'a'), promised(10, 'a', 20)], 30, p(0, 0, 1)],
    [
      'another field changed',
      [open, [10, 'a', 'issue_changed', { changes: { title: { was: 'x', is: 'y' } } }]],
      30,
      p(0, 0, 0),
    ],
    [
      'planned work promises too',
      [opened(0, 'a', { kind: 'maintenance', status: 'scheduled', next_update_at: iso(60) })],
      90,
      p(0, 0, 1),
    ],
    [
      'had run out before the ledger began',
      [
        [
          0,
          'a',
          'issue_taken_over',
          {
            kind: 'bug',
            status: 'investigating',
            next_update_at: iso(-5),
            resolution: null,
            resolved_at: null,
            merged_into: null,
            updates: [],
          },
        ],
        said(10, 'a'),
      ],
      90,
      p(0, 0, 0),
    ],
  ];
  for (const [what, lines, now, promises] of cases) t.same(figures(lines, now).all.promises, promises, what);
});

t.test('the middle one and the slowest tenth', async (t) => {
  const cases: [minutes: number[], median: number, slowest: number][] = [
    [[4], 4, 4],
    [[1, 9], 5, 9],
    [[9, 1, 2], 2, 9],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 100], 5.5, 9],
    [Array.from({ length: 20 }, (_, n) => n + 1), 10.5, 18],
  ];
  for (const [minutes, median, slowest] of cases) {
    const lines = minutes.flatMap((took, n) => [opened(1000, `i${n}`), counted(1001, `i${n}`, 1000 - took)]);
    const { count, median_seconds, slowest_tenth_seconds } = figures(lines, 2000).all.acknowledged;
    t.same([count, median_seconds, slowest_tenth_seconds], [minutes.length, median * 60, slowest * 60]);
  }
});

t.test('a figure belongs to the month in which its clock ended', async (t) => {
  const lines = [
    opened(month - 10, 'a', { next_update_at: iso(month - 5) }),
    counted(month - 9, 'a', month - 20),
    said(month + 10, 'a', { next_update_at: iso(month + 30) }),
    fixed(month + 20, 'a'),
    told(2 * month + 5, 'a', month + 20),
  ];
  const { months } = figures(lines, 3 * month);
  t.same(
    months.map((m) => m.month),
    ['2027-01', '2026-12', '2026-11'],
  );
  const [january, december, november] = months as [
    (typeof months)[0],
    (typeof months)[0],
    (typeof months)[0],
  ];
  t.match(november, { acknowledged: { count: 1 }, first_update: none, promises: { broken: 1, kept: 0 } });
  t.match(december, {
    acknowledged: none,
    first_update: one(30),
    fixed: one(40),
    promises: { kept: 1 },
    people: { told_us: 3 },
  });
  t.match(january, { told: none, fixes: { fixed: 0 } });
  t.match(figures(lines, 40 * month).months, { length: 24, 0: { month: '2030-02' } });
  t.same(figures([], 5).months, []);
});

t.test('the README defines each figure as the page does', async (t) => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
  for (const [name, definition] of Object.entries(definitions)) t.ok(readme.includes(definition), name);
});

t.test('random ledgers: a plain recount agrees, and the order among issues does not matter', async (t) => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = randomOf(seed);
    const stories = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, n) => story(random, `i${n}`));
    const now = Math.floor(random() * 3 * month);
    const inTime = stories.flat().sort((a, b) => a[0] - b[0]);
    const found = figures(inTime, now);
    const { count: totals, perMonth } = recount(inTime, now);
    const { all, months } = found;
    const sums = summary(all);
    t.same(sums, totals, `seed ${seed}`);
    for (const one of months) t.same(summary(one), perMonth(one.month), `seed ${seed}, ${one.month}`);
    t.same(figures(shuffled(stories, random), now).all, all, `seed ${seed}, in another order`);
  }
});

type Random = () => number;

function randomOf(seed: number): Random {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** What one issue goes through. */
function story(random: Random, id: string): Line[] {
  const upTo = (most: number) => Math.floor(random() * most);
  let at = upTo(2 * month);
  const maybe = () => (random() < 0.6 ? iso(at + upTo(3000)) : null);
  const first = at - 500 + upTo(2000);
  const kind = random() < 0.15 ? 'maintenance' : 'bug';
  const lines = [opened(at, id, { kind, next_update_at: maybe() })];
  let open = true;
  for (let step = upTo(9); step > 0; step--) {
    at += 1 + upTo(1500);
    const dice = random();
    if (dice < 0.2) lines.push(promised(at, id, random() < 0.8 ? at + upTo(3000) : null));
    else if (dice < 0.4) lines.push(counted(at, id, random() < 0.9 ? first : null, upTo(5), upTo(3)));
    else if (dice < 0.6 && open) {
      lines.push(said(at, id, { status: 'resolved', resolution: random() < 0.8 ? 'fixed' : 'wont_fix' }));
      lines.push(
        told(at + 5, id, at, { owed: 4, sent: upTo(4), failed: upTo(2), last_sent_at: iso(at + upTo(9)) }),
      );
      at += 5;
      open = false;
    } else {
      lines.push(said(at, id, { next_update_at: maybe() }));
      open = true;
    }
  }
  if (random() < 0.3) lines.push([at + 1, null, 'answered', { verdict: 'not_a_bug', count: 1 + upTo(4) }]);
  return lines;
}

/** Each story in its order, the stories among each other in any. */
function shuffled(stories: Line[][], random: Random): Line[] {
  const left = stories.map((lines) => [...lines]);
  const mixed: Line[] = [];
  while (left.some((lines) => lines.length > 0)) {
    const some = left.filter((lines) => lines.length > 0);
    mixed.push(some[Math.floor(random() * some.length)]!.shift()!);
  }
  return mixed;
}

type Clock = [name: string, endedAt: number, took: number];

/** Goes through the whole ledger once for each question, and lists clocks and happenings with their moment. */
function recount(lines: readonly Line[], now: number) {
  const clocks: Clock[] = [];
  const ids = [...new Set(lines.map(([, id]) => id))].filter((id) => id !== null);
  for (const id of ids) {
    const own = lines.filter(([, of]) => of === id);
    const at = (type: string) => own.filter(([, , is]) => is === type);
    const [openedAt, , , opening] = at('issue_opened')[0]!;
    const updates = at('update_posted');
    const isOver = (line: Line | undefined) => line?.[3]?.status === 'resolved';
    const minute = (text: unknown) => (Date.parse(String(text)) - start) / 60_000;
    const bug = opening!.kind === 'bug';

    // Promises: each that was ever made, and the first thing that ended it.
    const settling = own.filter(([, , type]) => type === 'update_posted' || type === 'issue_changed');
    for (const [index, line] of [at('issue_opened')[0]!, ...settling].entries()) {
      const fields = line[3] as {
        next_update_at?: string | null;
        changes?: { next_update_at: { is: string | null } };
      };
      const by = fields.changes ? fields.changes.next_update_at.is : fields.next_update_at;
      if (!by) continue;
      const due = minute(by);
      const ending = settling[index];
      if (ending && ending[0] <= due)
        clocks.push([ending[2] === 'update_posted' ? 'kept' : 'moved', ending[0], 0]);
      else if (ending || due < now) clocks.push(['broken', due, 0]);
    }

    const fixes = updates.filter((line) => bug && isOver(line) && line[3]!.resolution === 'fixed');
    for (const [closedAt] of fixes) {
      clocks.push(['fix', closedAt, 0]);
      const next = updates.find(([when]) => when > closedAt);
      if (next) clocks.push(['came_back', next[0], 0]);
      const until = updates.find((line) => line[0] > closedAt && isOver(line))?.[0] ?? Infinity;
      const word = at('counted')
        .filter(([when]) => when > closedAt && when < until)
        .at(-1)?.[3];
      for (let n = 0; n < Number(word?.works ?? 0); n++) clocks.push(['work', closedAt, 0]);
      for (let n = 0; n < Number(word?.works ?? 0) + Number(word?.works_not ?? 0); n++)
        clocks.push(['answer', closedAt, 0]);
      const mails = at('told')
        .filter(([, , , fields]) => fields!.update_id === `${id}-${closedAt}`)
        .at(-1)![3]!;
      for (let n = 0; n < Number(mails.sent); n++) clocks.push(['mailed', closedAt, 0]);
      for (let n = 0; n < Number(mails.failed); n++) clocks.push(['failed', closedAt, 0]);
      if (Number(mails.owed) <= Number(mails.sent) + Number(mails.failed)) {
        const last = at('counted').at(-1)?.[3]?.first_report_at;
        if (last) clocks.push(['told', minute(mails.last_sent_at), minute(mails.last_sent_at) - closedAt]);
      }
    }

    const firstReport = at('counted').at(-1)?.[3]?.first_report_at;
    if (!bug || !firstReport) continue;
    const first = minute(firstReport);
    clocks.push(
      first >= openedAt ? ['known_before', first, 0] : ['acknowledged', openedAt, openedAt - first],
    );
    const next = updates.find(([when]) => when >= first);
    if (next) clocks.push(['first_update', next[0], next[0] - first]);
    const end = updates.at(-1);
    if (isOver(end) && end![3]!.resolution === 'fixed' && end![0] >= first)
      clocks.push(['fixed', end![0], end![0] - first]);
  }
  for (const [when, , type, fields] of lines)
    if (type === 'answered')
      for (let n = 0; n < Number(fields!.count); n++) clocks.push(['answered', when, 0]);
  const count = (those: Clock[]) => {
    const took = (name: string) =>
      those
        .filter(([is]) => is === name)
        .map(([, , length]) => length * 60)
        .sort((a, b) => a - b);
    const times = (name: string) => {
      const all = took(name);
      const sum =
        all.length === 0
          ? null
          : all.filter(
              (_, n) => n * 2 === all.length - 1 || n * 2 === all.length || n * 2 === all.length - 2,
            );
      const median = sum && sum.reduce((a, b) => a + b, 0) / sum.length;
      const slowest =
        all.find((one) => all.filter((other) => other <= one).length >= all.length * 0.9) ?? null;
      return [all.length, median, slowest];
    };
    const many = (name: string) => took(name).length;
    return {
      acknowledged: times('acknowledged'),
      known_before: many('known_before'),
      first_update: times('first_update'),
      fixed: times('fixed'),
      told: times('told'),
      kept: many('kept'),
      moved: many('moved'),
      broken: many('broken'),
      fixes: many('fix'),
      came_back: many('came_back'),
      answers: many('answer'),
      work: many('work'),
      mailed: many('mailed'),
      failed: many('failed'),
      answered: many('answered'),
    };
  };
  const monthOf = (minute: number) => iso(minute).slice(0, 7);
  return {
    count: count(clocks),
    perMonth: (which: string) => count(clocks.filter(([, ended]) => monthOf(ended) === which)),
  };
}

function summary(of: ReturnType<typeof figuresOf>['all']) {
  const times = ({ count, median_seconds, slowest_tenth_seconds }: (typeof of)['fixed']) => [
    count,
    median_seconds,
    slowest_tenth_seconds,
  ];
  return {
    acknowledged: times(of.acknowledged),
    known_before: of.acknowledged.known_before,
    first_update: times(of.first_update),
    fixed: times(of.fixed),
    told: times(of.told),
    kept: of.promises.kept,
    moved: of.promises.moved,
    broken: of.promises.broken,
    fixes: of.fixes.fixed,
    came_back: of.fixes.came_back,
    answers: of.fixes.answered,
    work: of.fixes.work,
    mailed: of.people.told,
    failed: of.people.could_not_be_told,
    answered: of.answers.not_a_bug.given,
  };
}
