import t from 'tap';
import { readAddress, whyNoAddress } from '../../src/address.ts';
import { worstStatus } from '../../src/domain/impact.ts';
import { promiseState } from '../../src/domain/promise.ts';
import { cleanLine, cleanText, excerpt } from '../../src/domain/text.ts';

t.test('a promise is none, kept or overdue', async (t) => {
  const now = new Date('2026-11-21T12:00:00Z');
  t.equal(promiseState(null, now), 'none');
  t.equal(promiseState(new Date('2026-11-21T12:00:01Z'), now), 'kept');
  t.equal(promiseState(now, now), 'kept');
  t.equal(promiseState(new Date('2026-11-21T11:59:59Z'), now), 'overdue');
});

t.test('the worst of several states wins', async (t) => {
  t.equal(worstStatus([]), 'operational');
  t.equal(worstStatus(['operational', 'partial_outage', 'degraded_performance']), 'partial_outage');
  t.equal(worstStatus(['under_maintenance', 'operational']), 'under_maintenance');
});

t.test('text is kept as its writer meant it, without what hides or turns it around', async (t) => {
  t.equal(cleanText('  a\r\nb\rc\t\n'), 'a\nb\nc');
  t.equal(cleanText('pay\u202egnp.exe\u200b\u0000!'), 'paygnp.exe!');
  t.equal(cleanText('e\u0301'), '\u00e9');
  t.equal(cleanText('\ud800x\udc00'), '\ufffdx\ufffd');
  t.equal(cleanText('family 👨‍👩‍👧 ok'.replaceAll('\u200d', '')), 'family 👨👩👧 ok');
  t.equal(cleanLine(' a\n\n b\u2028c '), 'a b c');
  t.equal(excerpt('The export gives an empty file', 14), 'The export…');
  t.equal(excerpt('short', 14), 'short');
});

const addresses: [given: string, kept: string | null][] = [
  ['ana@example.com', 'ana@example.com'],
  [' Ana.B+x@Example.Co.UK ', 'Ana.B+x@Example.Co.UK'],
  ["o'hara@example.com", "o'hara@example.com"],
  ['a@b', null],
  ['@example.com', null],
  ['ana@', null],
  ['ana@example.com, bob@example.com', null],
  ['ana@example.com\r\nBcc: bob@example.com', null],
  ['ana@example.com\nbob@example.com', null],
  ['"ana b"@example.com', null],
  ['Ana <ana@example.com>', null],
  ['friends:ana@example.com;', null],
  ['ana@[127.0.0.1]', null],
  ['-oQ/tmp@example.com', null],
  ['ana@exämple.com', null],
  ['ana@xn--exmple-cua.com', 'ana@xn--exmple-cua.com'],
  ['ana@xn--e1afmkfd.xn--p1ai', 'ana@xn--e1afmkfd.xn--p1ai'],
  [`a@${'b'.repeat(63)}.example`, `a@${'b'.repeat(63)}.example`],
  [`a@${'b'.repeat(64)}.example`, null],
  ['ana@xn--zzzzzz.com', null],
  ['änä@example.com', null],
  ['ana@example.com(comment)', null],
  ['ana..b@example.com', null],
  [`${'a'.repeat(65)}@example.com`, null],
  [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  [`a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.example.com`, null],
  ['', null],
  ['ana@example.com\u0000', null],
  ['ana@example.com\u200b', null],
];

t.test('whose address has letters that we cannot write to is told so, and nobody else', async (t) => {
  t.match(whyNoAddress('jörg@example.com'), 'letters like “ö”');
  t.match(whyNoAddress('ana@example.рф'), 'letters like “р”');
  for (const given of ['', 'ö', 'Zoë Smith', 'ana@', 'ana@example', 'ana@exa mple.com', 'ana@xn--zzzzzz.com'])
    t.notMatch(whyNoAddress(given), 'letters like', given);
});

t.test('an address is one plain address or none', async (t) => {
  for (const [given, kept] of addresses) t.equal(readAddress(given), kept, JSON.stringify(given));
});
