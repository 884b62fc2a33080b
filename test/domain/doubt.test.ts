import t from 'tap';
import { isInDoubt, reopeningWords, wordOf } from '../../src/domain/doubt.ts';
import { becameOf, type Mailed } from '../../src/domain/own-mails.ts';
import { howOftenWords, turnsOutRight } from '../../src/domain/right.ts';
import { endingFor, type Told, toldWords } from '../../src/domain/told.ts';
import type { Verdict } from '../../src/domain/words.ts';

t.test('a fix is in doubt when enough of those who answered say that it does not work', async (t) => {
  const rule = { least: 3, share: 0.1 };
  const cases: [works: number, worksNot: number, seen: number, rule: typeof rule, inDoubt: boolean][] = [
    [0, 0, 0, rule, false],
    [0, 2, 0, rule, false],
    [0, 3, 0, rule, true],
    [27, 3, 0, rule, true],
    [28, 3, 0, rule, false],
    [36, 4, 0, rule, true],
    [5, 3, 3, rule, false],
    [5, 5, 3, rule, false],
    [5, 6, 3, rule, true],
    [500, 6, 3, rule, false],
    [5, 2, 3, rule, false],
    [0, 1, 0, { least: 1, share: 0 }, true],
    [9_999, 1, 0, { least: 1, share: 0 }, true],
    [5, 0, 0, { least: 1, share: 0 }, false],
    [1, 3, 0, { least: 1, share: 1 }, false],
    [0, 3, 0, { least: 1, share: 1 }, true],
  ];
  for (const [works, worksNot, seen, least, inDoubt] of cases) {
    t.equal(isInDoubt({ works, worksNot, seen }, least), inDoubt, `${works} to ${worksNot}, ${seen} seen`);
  }
});

t.test('what those who answered say fits how many they are, and what most of them say', async (t) => {
  const cases: [yes: number, no: number, words: string][] = [
    [0, 0, ''],
    [1, 0, 'One person answered: it works.'],
    [0, 1, 'One person answered: it does not work.'],
    [2, 0, 'Both who answered say it works.'],
    [41, 0, 'All 41 who answered say it works.'],
    [38, 3, '38 of the 41 who answered say it works.'],
    [1_200, 34, '1,200 of the 1,234 who answered say it works.'],
    [1, 2, '2 of the 3 who answered say it does not work.'],
    [1, 1, 'Of the 2 who answered, 1 says it works and 1 says it does not.'],
    [2, 2, 'Of the 4 who answered, 2 say it works and 2 say it does not.'],
    [0, 2, 'Both who answered say it does not work.'],
    [0, 3, 'All 3 who answered say it does not work.'],
  ];
  for (const [yes, no, words] of cases) t.equal(wordOf({ yes, no }), words);
});

t.test('staff begin a reopening with how many say so', async (t) => {
  const cases: [yes: number, no: number, begins: string][] = [
    [0, 1, 'One of you told us that it does not work.'],
    [7, 1, 'One of you told us that it does not work.'],
    [0, 3, '3 of you told us that it does not work.'],
    [7, 3, '3 of the 10 of you who answered told us that it does not work.'],
  ];
  for (const [yes, no, begins] of cases) t.ok(reopeningWords({ yes, no }).startsWith(begins), begins);
});

t.test('who told us and who was told is said in plain words, and nobody is left out', async (t) => {
  const nobody: Told = {
    people: 0,
    sent: 0,
    forSome: 0,
    waiting: 0,
    waitingForFix: 0,
    failed: 0,
    suppressed: 0,
    unmailed: 0,
    silent: 0,
    tookBack: 0,
    sentLater: 0,
    lastAfterMs: null,
  };
  const minute = 60_000;
  const cases: [told: Partial<Told>, words: string][] = [
    [{}, 'Nobody told us here.'],
    [
      { people: 1, silent: 1 },
      'One person told us. One left no address, and can read it here or on a page of their own.',
    ],
    [
      { people: 1, sent: 1, lastAfterMs: 200 },
      'One person told us. One was told it is fixed, within a minute.',
    ],
    [
      { people: 1, sent: 1, lastAfterMs: 61 * minute },
      'One person told us. One was told it is fixed, 1 hour 1 minute after.',
    ],
    [
      { people: 47, sent: 47, lastAfterMs: 3 * minute },
      '47 people told us. 47 were told it is fixed, the last one 3 minutes after.',
    ],
    [
      { people: 47, sent: 47, lastAfterMs: 59_999 },
      '47 people told us. 47 were told it is fixed, all within a minute.',
    ],
    [
      { people: 48, sent: 48, sentLater: 1, lastAfterMs: 3 * minute },
      '48 people told us. 48 were told it is fixed; of those who had told us by then the last one 3 minutes after.',
    ],
    [
      { people: 2, sent: 1, sentLater: 1, silent: 1 },
      '2 people told us. One was told it is fixed. One left no address, and can read it here or on a page of their own.',
    ],
    [{ people: 47, waiting: 47 }, '47 people told us. 0 of 47 have been told so far.'],
    [
      { people: 47, sent: 12, waiting: 35, lastAfterMs: 5 },
      '47 people told us. 12 of 47 have been told so far.',
    ],
    [
      { people: 47, sent: 40, failed: 2, suppressed: 1, silent: 4, lastAfterMs: 3 * minute },
      '47 people told us. 40 were told it is fixed, the last one 3 minutes after. 2 could not be told: the mail did not get through. One could not be told: no mail goes there any more. 4 left no address, and can read it here or on a page of their own.',
    ],
    [
      { people: 9, sent: 4, waitingForFix: 5, lastAfterMs: 5 },
      '9 people told us. 4 were told it is fixed, all within a minute. The fix has not reached 5 yet, we write when it has.',
    ],
    [
      { people: 9, sent: 4, forSome: 2, waitingForFix: 5, lastAfterMs: 5 },
      '9 people told us. 2 were told it is fixed. 2 were told that it is fixed for some. The fix has not reached 5 yet, we write when it has.',
    ],
    [
      { people: 2, sent: 2, forSome: 2, lastAfterMs: 5 },
      '2 people told us. 2 were told that it is fixed for some, all within a minute.',
    ],
    [{ people: 3, unmailed: 3 }, '3 people told us. 3 got no mail about it, and can read it here.'],
    [
      { people: 2, sent: 2, tookBack: 1 },
      '2 people told us. 2 were told it is fixed. One took it back before we wrote.',
    ],
    [{ tookBack: 2 }, 'Nobody tells us this any more. 2 took it back before we wrote.'],
  ];
  for (const [told, words] of cases) t.equal(toldWords({ ...nobody, ...told }, 'fixed').join(' '), words);

  t.match(toldWords(nobody, 'retracted').join(), 'went back to be read', 'somebody may well have told us');

  const two = { ...nobody, people: 2, sent: 2, lastAfterMs: 0 };
  const endings: [
    kind: 'bug' | 'maintenance',
    Parameters<typeof endingFor>[0]['resolution'],
    words: string,
  ][] = [
    ['bug', 'fixed', '2 were told it is fixed'],
    ['bug', null, '2 were told it is fixed'],
    ['bug', 'wont_fix', '2 were told that we will not change it'],
    ['bug', 'not_reproducible', '2 were told that we could not make it happen'],
    ['bug', 'duplicate', '2 were told that we follow it elsewhere'],
    ['bug', 'retracted', '2 were told that we took it back'],
    ['maintenance', 'fixed', '2 were told that the work is done'],
    ['maintenance', 'retracted', '2 were told that we took it back'],
  ];
  for (const [kind, resolution, words] of endings) {
    t.match(toldWords(two, endingFor({ kind, resolution })).join(' '), words);
  }
});

t.test('who was told that there is no fault was right once her report is about an issue', async (t) => {
  const [then, later] = [new Date('2026-11-21T12:00:00.000Z'), new Date('2026-11-22T12:00:00.000Z')];
  const cases: [...Parameters<typeof answered>, right: boolean][] = [
    [null, null, null, false],
    ['not_a_bug', then, null, true],
    ['works_as_designed', then, null, true],
    ['not_reproducible', then, null, true],
    ['need_more', then, null, false],
    ['explained', then, null, false],
    ['not_a_bug', null, null, false],
    ['not_a_bug', then, then, false],
    ['not_a_bug', then, later, false],
    ['not_a_bug', later, then, true],
  ];
  for (const [verdict, answeredAt, wasRightAt, right] of cases) {
    t.equal(turnsOutRight(answered(verdict, answeredAt, wasRightAt)), right, `${verdict}`);
  }
  const often: [number, number, string][] = [
    [0, 0, 'Nobody was told that there is no fault in the last 90 days.'],
    [
      1,
      0,
      'The one report that we answered as if there was no fault, in the last 90 days, has not turned out to be right.',
    ],
    [
      1,
      1,
      'The one report that we answered as if there was no fault, in the last 90 days, turned out to be right.',
    ],
    [
      40,
      0,
      'Of 40 reports that we answered as if there was no fault, in the last 90 days, none has turned out to be right.',
    ],
    [
      40,
      3,
      'Of 40 reports that we answered as if there was no fault, in the last 90 days, 3 turned out to be right.',
    ],
    [
      2,
      2,
      'All 2 reports that we answered as if there was no fault, in the last 90 days, turned out to be right.',
    ],
  ];
  for (const [all, right, words] of often) t.equal(howOftenWords({ answered: all, right }), words);
});

function answered(verdict: Verdict | null, answered_at: Date | null, was_right_at: Date | null) {
  return { verdict, answered_at, was_right_at };
}

t.test(
  'her own page says in words what became of each mail, and nothing of a mail server’s talk',
  async (t) => {
    const mail: Mailed = {
      template: 'resolved',
      state: 'queued',
      reason: null,
      attempts: 0,
      trying: false,
      maybe_delivered: 0,
      waits_for_fix: false,
      resting: false,
      elsewhere: false,
      toFiles: false,
    };
    const cases: [Partial<Mailed>, words: RegExp, withTime: boolean][] = [
      [{}, /^It waits to be sent$/, false],
      [{ attempts: 1, trying: true }, /^It is being sent$/, false],
      [
        { state: 'sent', toFiles: true },
        /^No mail server is set up: it was written to a file on this server$/,
        true,
      ],
      [{ attempts: 1 }, /did not take it yet\. We try again/, true],
      [{ attempts: 1, maybe_delivered: 1 }, /may have arrived.* We try again/, true],
      [{ attempts: 1, resting: true }, /does not go out just now/, false],
      [{ waits_for_fix: true, resting: true }, /until the fix has reached you/, false],
      [{ state: 'sent', resting: true }, /^The mail server took it$/, true],
      [{ state: 'sent', elsewhere: true }, /took it \(to the address you gave before\)/, true],
      [{ state: 'failed', reason: '550 5.1.1 canary' }, /did not get through/, true],
      [{ state: 'failed', reason: 'came back: canary' }, /took it, and it came back/, true],
      [{ state: 'failed', reason: 'canary', maybe_delivered: 2 }, /may have arrived/, true],
      [{ state: 'suppressed', reason: 'canary' }, /^Not sent: /, false],
      [{ state: 'cancelled', reason: 'canary' }, /not needed any more/, false],
      [{ state: 'cancelled', reason: 'the issue was opened again' }, /not to be over/, false],
      [{ state: 'cancelled', reason: 'the issue was reopened before it was sent' }, /not to be over/, false],
      [{ state: 'cancelled', reason: 'the reporter withdrew the report' }, /you took back/, false],
      [{ state: 'cancelled', reason: 'the reporter removed the address' }, /you removed your address/, false],
      [{ state: 'cancelled', reason: 'the reporter changed the address' }, /you changed your address/, false],
      [{ state: 'cancelled', reason: 'another answer took its place' }, /another answer/, false],
      [{ state: 'cancelled', reason: 'another step replaced it' }, /other news/, false],
      [{ state: 'cancelled', reason: 'staff took the step back' }, /a mistake of ours/, false],
      [{ state: 'cancelled', reason: 'staff took the report for spam' }, /^It waits to be sent$/, false],
      [{ state: 'cancelled', reason: 'the report was marked as spam' }, /^It waits to be sent$/, false],
    ];
    for (const [fields, words, withTime] of cases) {
      const became = becameOf({ ...mail, ...fields });
      t.match(became.text, words);
      t.equal(became.withTime, withTime, became.text);
      t.notMatch(became.text, /canary|spam/);
    }
  },
);
