import fc from 'fast-check';
import t from 'tap';
import { type Condition, type Reading, reachesAsFar, reads, type Traits } from '../../src/domain/affected.ts';
import { questionsOf, wrongWithCondition } from '../../src/domain/affected-rules.ts';
import { lineOf, readLine } from '../../src/domain/affected-text.ts';
import { answerHer, fixSaid, whomWords } from '../../src/domain/affected-words.ts';

const version = (from?: string, before?: string): Condition => ({
  trait: 'version',
  ...(from && { from }),
  ...(before && { before }),
});
const any = (trait: Condition['trait'], ...any_of: string[]): Condition => ({ trait, any_of });

t.test('one condition: who is reached, who is not, and whom we cannot tell', async (t) => {
  const from12May: Condition = { trait: 'since', from: '2026-05-12' };
  const cases: [Condition, string, Reading][] = [
    [version('4.0', '4.3'), '4.2', 'yes'],
    [version('4.0', '4.3'), 'v4.2.9', 'yes'],
    [version('4.0', '4.3'), 'Version 4.0', 'yes'],
    [version('4.0', '4.3'), '4.3', 'no'],
    [version('4.0', '4.3'), '4.3.0-beta', 'yes'],
    [version('4.0', '4.3'), '3.9.12', 'no'],
    [version('4.0', '4.3'), '4.0-rc1', 'no'],
    [version('4.0', '4.3'), '4', 'unknown'],
    [version('4.0', '4.3'), '4.10', 'no'],
    [version('4.0', '4.3'), '4.2.1 (build 12)', 'yes'],
    [version('4.0', '4.3'), 'the newest', 'unknown'],
    [version('4.2'), '5', 'yes'],
    [version(undefined, '4.2'), '4.1.99', 'yes'],
    [any('version', '4.2'), '4.2.7', 'yes'],
    [any('version', '4.2'), '4.20', 'no'],
    [any('version', '4.2'), '4', 'unknown'],
    [any('version', 'Spring'), 'spring ', 'yes'],
    [any('version', 'Spring'), '4.2', 'unknown'],
    [any('browser', 'Safari', 'Firefox'), 'mobile  SAFARI', 'yes'],
    [any('browser', 'Chrome'), 'Google Chrome 120', 'yes'],
    [any('browser', 'Chrome 120'), 'Chrome/120.0.1', 'yes'],
    [any('browser', 'Chrome 120'), 'Chrome', 'unknown'],
    [any('browser', 'Chrome'), 'Edge', 'no'],
    [any('browser', 'IE'), 'Internet Explorer 11', 'yes'],
    [any('region', 'EU'), 'eu', 'yes'],
    [any('region', 'EU'), 'US', 'no'],
    [any('region', 'EU'), 'something else', 'no'],
    [any('region', 'EU'), '', 'unknown'],
    [from12May, '2026-05-12', 'yes'],
    [from12May, '2026-05-11', 'no'],
    [from12May, 'a while', 'unknown'],
    [{ trait: 'since', from: '2026-05-12T14:00Z' }, '2026-05-12', 'unknown'],
    [{ trait: 'since', from: '2026-05-12T14:00+02:00' }, '2026-05-12 12:00', 'yes'],
    [{ trait: 'since', before: '2026-05-12' }, '2026-05-11', 'yes'],
  ];
  for (const [condition, said, reading] of cases)
    t.equal(
      reads([condition], { [condition.trait]: said }).all,
      reading,
      `${whomWords([condition])}: ${said}`,
    );
});

t.test('all conditions: yes only where all fit, no as soon as one does not', async (t) => {
  const both = [any('browser', 'Safari'), version('4.0', '4.3')];
  const cases: [Traits, Reading][] = [
    [{ browser: 'Safari', version: '4.1' }, 'yes'],
    [{ browser: 'Safari' }, 'unknown'],
    [{ browser: 'Firefox' }, 'no'],
    [{ version: '5' }, 'no'],
    [{}, 'unknown'],
  ];
  for (const [traits, reading] of cases) t.equal(reads(both, traits).all, reading, JSON.stringify(traits));
});

const word = fc.constantFrom('EU', 'US', 'Asia', 'eu', 'Safari', 'Safari 17', 'Chrome', 'something else', '');
const number = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 })
  .map((numbers) => numbers.join('.'));
const someVersion = fc.oneof(
  number,
  number.map((one) => `${one}-beta`),
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    trait: fc.constant('region' as const),
    any_of: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    trait: fc.constant('browser' as const),
    any_of: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ trait: fc.constant('version' as const), from: someVersion, before: someVersion }),
  fc.record({
    trait: fc.constant('version' as const),
    any_of: fc.array(someVersion, { minLength: 1, maxLength: 3 }),
  }),
);
const good = condition.filter((one) => wrongWithCondition(one) === null);
const conditions = fc.uniqueArray(good, { minLength: 1, maxLength: 3, selector: ({ trait }) => trait });
const traits: fc.Arbitrary<Traits> = fc.record({ region: word, browser: word, version: someVersion });

t.test('a fix that goes further reaches everybody whom it had reached', async (t) => {
  let wider = 0;
  fc.assert(
    fc.property(conditions, conditions, traits, (before, after, hers) => {
      if (!reachesAsFar(after, before)) return;
      wider += 1;
      const order: Reading[] = ['no', 'unknown', 'yes'];
      return order.indexOf(reads(after, hers).all) >= order.indexOf(reads(before, hers).all);
    }),
    { numRuns: 20_000 },
  );
  t.ok(wider > 100, `${wider} of them did go further`);
  const cases: [Condition[] | null, Condition[] | null, boolean][] = [
    [[any('region', 'EU', 'US')], [any('region', 'EU')], true],
    [[any('region', 'US')], [any('region', 'EU')], false],
    [null, [any('region', 'EU')], true],
    [[any('region', 'EU')], null, false],
    [[version('4.0')], [version('4.1', '4.3')], true],
    [[version('4.0')], [any('version', '4.1', '4.2')], true],
    [[any('region', 'EU')], [any('region', 'EU'), version('4.0')], true],
    [[any('region', 'EU'), version('4.0')], [any('region', 'EU')], false],
  ];
  for (const [after, before, far] of cases)
    t.equal(reachesAsFar(after, before), far, `${JSON.stringify(before)} to ${JSON.stringify(after)}`);
});

t.test(
  'what is asked: three questions at most, the quick ones and those with few choices first',
  async (t) => {
    const all = [
      any('version', '4.1', '4.2'),
      any('browser', 'Safari'),
      any('region', 'EU', 'US', 'Asia'),
      { trait: 'since', from: '2026-05-12' } as const,
    ];
    t.same(questionsOf(all), [
      { trait: 'browser', choices: ['Safari'] },
      { trait: 'version', choices: ['4.1', '4.2'] },
      { trait: 'region', choices: ['EU', 'US', 'Asia'] },
    ]);
    t.same(questionsOf([version('4.0')]), [{ trait: 'version', choices: [] }], 'a range she writes herself');
    t.same(
      questionsOf([any('region', 'EU')], [any('region', 'eu', 'US')]),
      [{ trait: 'region', choices: ['EU', 'US'] }],
      'a fix asks with the choices of the whole problem',
    );
  },
);

t.test('what a condition must be', async (t) => {
  const wrong: [Condition, string][] = [
    [{ trait: 'region' }, 'any_of'],
    [{ trait: 'region', from: 'EU' }, 'from'],
    [{ trait: 'since', any_of: ['2026-05-12'] }, 'any_of'],
    [{ trait: 'since', from: 'May' }, 'from'],
    [{ trait: 'since', from: '2026-13-45' }, 'from'],
    [{ trait: 'version', from: 'new' }, 'from'],
    [{ trait: 'version', from: '4.3', before: '4.3.0' }, 'before'],
    [{ trait: 'version', any_of: ['4'], from: '3' }, 'any_of'],
    [{ trait: 'region', any_of: ['EU', 'eu'] }, 'any_of'],
    [{ trait: 'region', any_of: ['Something else'] }, 'any_of'],
  ];
  for (const [condition, path] of wrong)
    t.equal(wrongWithCondition(condition)?.path, path, JSON.stringify(condition));
});

t.test('staff write a condition on one line, and read it back', async (t) => {
  const cases: [Condition['trait'], string, ReturnType<typeof readLine>][] = [
    ['version', '4.0 to before 4.3', version('4.0', '4.3')],
    ['version', 'from 4.0 until before 4.3', version('4.0', '4.3')],
    ['version', '4.2 or newer', version('4.2')],
    ['version', '4.2+', version('4.2')],
    ['version', '< 4.3', version(undefined, '4.3')],
    ['version', '4.1, 4.2', any('version', '4.1', '4.2')],
    ['browser', 'Safari, Firefox', any('browser', 'Safari', 'Firefox')],
    ['region', '  ', null],
    ['since', '2026-05-12', { trait: 'since', from: '2026-05-12' }],
    [
      'since',
      '2026-05-12 14:00 to before 2026-05-14',
      { trait: 'since', from: '2026-05-12 14:00', before: '2026-05-14' },
    ],
  ];
  for (const [trait, line, expected] of cases) t.same(readLine(trait, line), expected, line);
  t.match(readLine('version', '4.0 to 4.3'), { error: /to before/ });
  fc.assert(
    fc.property(
      good.filter(({ any_of }) => !any_of?.includes('')),
      (one) => {
        t.same(readLine(one.trait, lineOf(one)), one);
      },
    ),
  );
});

t.test('the words: for whom, and why', async (t) => {
  t.equal(
    whomWords([
      version('4.0', '4.3'),
      any('browser', 'Safari', 'Firefox'),
      { trait: 'since', from: '2026-05-12' },
    ]),
    'with versions from 4.0 to before 4.3, in Safari or Firefox, since 12 May 2026',
  );
  const both = [any('browser', 'Safari'), version('4.0', '4.3')];
  t.same(answerHer(both, { browser: 'Firefox', version: '4.1' }, 'problem'), {
    reading: 'no',
    say: 'Probably not this one.',
    why: ['We know it only in Safari, and you said Firefox.'],
  });
  t.same(answerHer(both, { browser: 'Safari' }, 'problem').why, [
    'What you told us fits. It also depends on your version.',
  ]);
  t.same(answerHer([any('region', 'EU')], { region: 'US' }, 'fix'), {
    reading: 'no',
    say: 'Not yet. The fix has not reached you.',
    why: ['You said US.'],
  });
  const eu = [any('region', 'EU')];
  const cases: [Condition[] | null, Traits[], boolean, string][] = [
    [null, [], false, 'everybody'],
    [null, [{ region: 'US' }], true, 'later'],
    [eu, [], false, 'perhaps'],
    [eu, [{ region: 'EU' }], false, 'reached'],
    [eu, [{ region: 'EU' }], true, 'later'],
    [eu, [{ region: 'US' }], false, 'waits'],
    [eu, [{ region: 'US' }, { region: 'EU' }], false, 'reached'],
  ];
  for (const [fixedFor, uses, wentOn, expected] of cases)
    t.equal(fixSaid(fixedFor, uses, wentOn).for, expected, JSON.stringify([fixedFor, uses, wentOn]));
});
