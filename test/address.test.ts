import t from 'tap';
import { readAddress } from '../src/address.ts';

t.test('a domain in other letters is read as mail servers know it', async (t) => {
  for (const [typed, read] of [
    ['ana@münchen.example', 'ana@xn--mnchen-3ya.example'],
    ['Ana@MÜNCHEN.example', 'Ana@xn--mnchen-3ya.example'],
    ['ana@пример.рф', 'ana@xn--e1afmkfd.xn--p1ai'],
    ['ana@xn--e1afmkfd.xn--p1ai', 'ana@xn--e1afmkfd.xn--p1ai'],
    [' ana@example.com\n', 'ana@example.com'],
  ] as const)
    t.equal(readAddress(typed), read, typed);
});

t.test('what nobody could be sure of is no address', async (t) => {
  for (const typed of [
    'änne@example.com',
    'ana@mün chen.example',
    'ana@münchen.example,ben@example.com',
    'ana@ben@münchen.example',
    'ana@¹²⁷.⁰.⁰.¹',
    'ana@exam\u00adple.com',
    'ana@exam\u200dple.com',
    'ana@münchen',
    `ana@${'ü'.repeat(60)}.example`,
    `ana@${'x'.repeat(64)}.example`,
    `ana@${'x'.repeat(63)}.${'y'.repeat(63)}.${'z'.repeat(63)}.${'w'.repeat(63)}.example`,
    'ana@ⓔxample.com',
  ])
    t.equal(readAddress(typed), null, typed);
});
