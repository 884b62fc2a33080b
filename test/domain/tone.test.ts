import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { adviseOn } from '../../src/domain/tone.ts';
import { sentences } from './tone-sentences.ts';

const realFile = new URL('../../../shared/data/statuspage-incidents.json', import.meta.url);
/** Of the real updates: the number in the file, what is advised against, and on which words. */
const advised = [
  '8 empty Thanks for your patience',
  '10 empty Thanks for your patience',
  '14 jargon preparing a deployment',
  '14 jargon back-filled',
  '14 jargon the deploy',
  '15 promise will update when we have further information',
  '15 promise will keep you posted',
  '15 meanwhile',
  '16 promise will update with more information as we have it',
  '16 meanwhile',
  '20 empty working hard',
  "20 promise we'll send an update as we get more information",
  '20 meanwhile',
  '21 empty Thanks for your patience',
  '24 empty Thanks for your patience',
  '26 empty Thanks for your patience',
  '30 promise We will continue to post updates as we have them',
  '32 promise shortly',
  '32 promise We will continue to update as we get more information',
  '34 promise We will keep you posted',
  '34 empty Thanks for your patience',
  '38 empty Thanks for your continued patience',
  '42 empty Thanks for your patience',
  '43 promise will update here',
  '44 empty Thanks for your patience',
  '47 promise will continue to update here',
  '49 promise will provide updates as we get them',
  '50 empty You patience is greatly appreciated',
  '51 promise we will keep you updated',
  '52 empty Thanks again for your patience',
  '53 empty Thanks for your continued patience',
  '54 empty All hands are on deck',
  '54 promise We will continue to update as more information surfaces',
  '55 empty working hard',
  "55 promise we'll send an update as we get more information",
  '56 empty Thanks for your patience',
  '58 promise soon',
  '59 empty Thanks for bearing with us',
  '59 promise soon',
  '61 empty All hands are on deck',
  '61 empty as soon as possible',
  '62 promise as new information is available, we will update',
  '64 empty working hard',
  "64 promise we'll send an update as we get more information",
  "68 promise We'll continue to update as we get more information",
  '69 promise soon',
  '70 jargon Hostname resolution',
  '71 jargon hostname resolution',
  '78 promise please stay tuned',
  '79 jargon elevated error rates',
  '80 jargon Deploys',
  '81 jargon fixed deploy',
  '82 jargon redeploying',
  '84 jargon background workers',
  '85 jargon bad deploy',
  '85 jargon mitigatedand',
  '86 jargon mitigate',
  '88 promise shortly',
  '90 empty all-hands-on-deck',
  '90 empty as soon as possible',
  '90 meanwhile',
  '92 promise shortly',
  '95 jargon caching layers',
  '95 jargon upstream',
  '95 jargon varnish',
  '96 jargon cache layer',
  '97 jargon cache layers',
  '98 jargon 50x responses',
  '100 jargon failover',
  '101 promise We will update this page when more information is available',
  '103 promise soon',
  '104 jargon elevated errors',
  '104 empty as soon as possible',
  '105 jargon elevated level of API errors',
];
const occasions = ['update', 'resolved', 'answer'] as const;
const phrases = (text: string) => adviseOn(text, { occasion: 'update' }).map(({ phrase }) => phrase);

t.test('what people write is found, and what is honest is left alone', async (t) => {
  for (const { text, kinds, context } of sentences) {
    t.same(
      adviseOn(text, context).map(({ kind }) => kind),
      kinds,
      `${context.occasion}: ${text}`,
    );
  }
  t.ok(sentences.length >= 140);
  t.ok(sentences.filter(({ kinds }) => kinds.length === 0).length >= 60);
});

t.test('the words we offer instead are themselves free of what we advise against', async (t) => {
  const offered = new Set(
    sentences.flatMap(({ text, context }) => adviseOn(text, context).map(({ better }) => better)),
  );
  t.ok(offered.size > 30);
  for (const better of offered) {
    for (const occasion of occasions) t.same(adviseOn(better, { occasion }), [], `${occasion}: ${better}`);
  }
});

t.test('a reason is one sentence, and blames nobody either', async (t) => {
  for (const { text, context } of sentences) {
    for (const { why } of adviseOn(text, context)) t.match(why, /^[A-Z][^.!?]{10,100}\.$/);
  }
});

t.test('a finding points at the words as they were written', async (t) => {
  const text =
    'Hello,\r\n\r\n- please “wait”, or **clear your\n  browser’s _cache_**.\n\nThanks for\u200b your patience!';
  t.same(phrases(text), ['clear your\n  browser’s _cache', 'Thanks for\u200b your patience']);
  for (const { phrase, start, end } of adviseOn(text, { occasion: 'update' })) {
    t.equal(text.slice(start, end), phrase);
  }
});

t.test('findings stand in the order of the text, none over another', async (t) => {
  t.same(
    phrases('We will update you as soon as possible. Mistakes were made. Clear your cache. More soon.'),
    ['as soon as possible', 'Mistakes were made', 'Clear your cache', 'soon'],
  );
});

t.test('a time or a workaround given in the form need not stand in the text', async (t) => {
  const text =
    'Customers who pay by card see an error after the last step and cannot complete the order at all. We are looking for the cause of it, and we will update you shortly.';
  const kinds = (context: object) =>
    adviseOn(text, { occasion: 'update', ...context }).map(({ kind }) => kind);
  t.same(kinds({ kind: 'bug' }), ['promise', 'meanwhile']);
  t.same(kinds({ promised: true }), ['meanwhile']);
  t.same(kinds({ workaround: true }), ['promise']);
  t.same(kinds({ kind: 'maintenance' }), ['promise']);
  t.same(kinds({ occasion: 'resolved' }), ['promise']);
  t.same(kinds({ occasion: 'answer', promised: true }), []);
  t.match(adviseOn(text, { occasion: 'update', promised: true }), [{ start: 0, end: 0, phrase: '' }]);
});

t.test('any text is read, and what is found stands in it', async () => {
  const words = fc.constantFrom(
    'clear your cache',
    '**',
    '"',
    "'",
    '> ',
    '\n',
    '](',
    'http://',
    'not',
    '. ',
    'İ',
  );
  const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 60 });
  fc.assert(
    fc.property(text, fc.constantFrom(...occasions), (parts, occasion) => {
      const given = parts.join(' ');
      return adviseOn(given, { occasion }).every(
        ({ kind, phrase, start, end }) =>
          given.slice(start, end) === phrase && (kind === 'meanwhile' || start < end) && end <= given.length,
      );
    }),
  );
});

t.test('hostile texts come to an end', async (t) => {
  const long = (unit: string) => unit.repeat(Math.ceil(65_536 / unit.length));
  for (const unit of [
    "'a ",
    '](',
    '"',
    'we take ',
    'clear your ',
    'we update when we ',
    'error on ',
    '. ',
    ' ',
  ]) {
    t.same(
      phrases(`${long(unit)}\n\nMistakes were made.`)
        .filter(Boolean)
        .slice(-1),
      ['Mistakes were made'],
      `${unit} again and again`,
    );
  }
  t.equal(phrases(long('clear your cache. ')).length, 50, 'more of the same is not counted out');
});

if (existsSync(realFile)) {
  t.test('of 105 real updates, these would have got advice', async (t) => {
    const updates: Array<{ status: string; body: string }> = JSON.parse(
      readFileSync(realFile, 'utf8'),
    ).incidents.flatMap((one: { incident_updates: unknown[] }) => one.incident_updates);
    const found = updates.map(({ status, body }, i) => ({
      number: i + 1,
      findings: adviseOn(body, { occasion: status === 'resolved' ? 'resolved' : 'update', kind: 'incident' }),
    }));
    t.equal(updates.length, 105);
    t.same(
      found.flatMap(({ number, findings }) =>
        findings.map(({ kind, phrase }) => `${number} ${kind} ${phrase}`.trim()),
      ),
      advised,
    );
  });
} else {
  t.comment('SKIPPED: ../shared/data/statuspage-incidents.json is not here; only the table was read');
  console.error('SKIPPED: the real Statuspage updates are not here; only the table of sentences was read');
}
