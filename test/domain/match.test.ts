import fc from 'fast-check';
import t from 'tap';
import { idf, likeness, mend, probes, rank, readWords, type Term } from '../../src/domain/match.ts';

const term = (word: string, documents: number): Term => ({
  word,
  readings: [{ stem: word, weight: 1, documents }],
});

t.test('a text is read as words, names and neighbours', async (t) => {
  t.same(readWords('Cannot log in').words, ['cannot', 'log', 'in']);
  t.same(readWords('Cannot log in').pairs, [
    ['cannotlog', 'cannot'],
    ['login', 'log'],
  ]);
  t.same(readWords('OrderCreated e-mail').names, ['ordercreated', 'email']);
  t.same(readWords('OrderCreated e-mail').words, ['order', 'created', 'e', 'mail']);
  t.same(readWords('文字').words, ['文', '字']);
  t.same(readWords('\0 \ud800 😀 !').words, []);
});

t.test('reading is bounded and never throws', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
      const { words, names, pairs } = readWords(text);
      return words.length <= 40 && names.length <= 10 && pairs.length < 40;
    }),
  );
});

t.test('a slip of the finger is like the word, another word is not', async (t) => {
  const cases: Array<[typed: string, stem: string, alike: boolean]> = [
    ['export', 'export', true],
    ['exprot', 'export', true],
    ['emti', 'empti', true],
    ['invoci', 'invoic', true],
    ['notifc', 'notif', true],
    ['synchr', 'synchronis', true],
    ['dog', 'log', false],
    ['paper', 'export', false],
    ['at', 'attach', false],
  ];
  for (const [typed, stem, alike] of cases) t.equal(likeness(typed, stem) > 0, alike, `${typed} ${stem}`);
  t.ok(
    likeness('exprot', 'export') > likeness('exprot', 'expert'),
    'swapped letters count less than wrong ones',
  );
  const near = ['expert', 'export', 'pilot'].map((word) => ({ word, documents: 3 }));
  t.equal(mend('exprot', near)[0]!.stem, 'export');
});

t.test('likeness is between 0 and 1, and 1 only for the word itself', async () => {
  const typed = fc.stringMatching(/^[a-e]{1,12}$/);
  fc.assert(
    fc.property(typed, typed, (a, b) => {
      const like = likeness(a, b);
      return like >= 0 && like <= 1 && (like === 1) === (a === b);
    }),
  );
});

t.test('the rarer a word, the more it tells', async (t) => {
  t.ok(idf(term('gazelle', 1), 100) > idf(term('file', 60), 100));
  t.ok(idf(term('file', 100), 100) > 0);
});

t.test('rare words are looked up alone, common ones together, never without bound', async (t) => {
  const [rare, common, frequent] = [term('gazelle', 3), term('file', 9_000), term('error', 8_000)];
  const asked = probes([common, rare, frequent], 100_000);
  t.same(asked[0], [rare]);
  t.notOk(
    asked.some((one) => one.length === 1 && one[0] === common),
    'a common word is not read through',
  );
  t.ok(asked.some((one) => one.includes(common) && one.includes(frequent)));
  t.same(probes([term('file', 9_000)], 100_000), [[term('file', 9_000)]], 'alone when there is nothing else');
  t.same(probes([term('nobody', 0)], 100_000), []);
  const many = Array.from({ length: 16 }, (_, i) => term(`word${i}`, 20_000));
  t.ok(probes(many, 100_000).length <= 14);
});

t.test('what matches more, in rarer words, in the title, ranks higher', async (t) => {
  const terms = [term('export', 5), term('empti', 8), term('file', 60)];
  const lexicon = { total: 100, title: 4, body: 10 };
  const stems = (...all: string[]) => all;
  const candidates = [
    {
      title: 'The export gives an empty file',
      stems: stems('export', '~export', 'empti', '~empti', 'file', '~file'),
    },
    { title: 'The export is slow', stems: stems('export', '~export', 'slow', '~slow') },
    { title: 'Reports are slow', stems: stems('report', '~report', 'export') },
    { title: 'A file is missing', stems: stems('file', '~file') },
    { title: 'Dark mode', stems: stems('dark', '~dark') },
  ];
  const scores = rank('export gives empty file', terms, candidates, lexicon).map(({ score }) => score);
  t.same(
    scores,
    [...scores].sort((a, b) => b - a),
  );
  t.ok(scores[0]! > 0.7);
  t.ok(scores[4]! < 0.05);
  t.same(rank('export', terms, candidates, lexicon)[1]!.why, ['export']);
});
