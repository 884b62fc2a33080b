import t from 'tap';
import { goesWith, publicAddress } from '../../src/page-cache/addresses.ts';

t.test('an address has one spelling under which its answer is kept, or none', async (t) => {
  const table: [url: string, key: string | null][] = [
    ['/', '/'],
    ['/?', '/'],
    ['/?utm_source=mail&utm_medium=x', '/'],
    ['/?anything=1&else=2', '/'],
    ['/history/', '/history'],
    ['/history?page=2&month=2026-10', '/history?month=2026-10&page=2'],
    ['/history?month=2026-10&fbclid=abc', '/history?month=2026-10'],
    ['/history?month=2026-10&month=2026-11', null],
    ['/issues/abcdef012345', '/issues/abcdef012345'],
    ['/issues/abcdef012345?ref=newsletter', '/issues/abcdef012345'],
    ['/issues/abcdef012345?version=7', null],
    ['/issues/abcdef012345?helped=abcdef012345', null],
    ['/issues/ABCDEF012345', null],
    ['/issues/abcdef01234', null],
    ['/issues/abcdef012345/me-too', null],
    ['/components/abcdef012345/feed.json', '/components/abcdef012345/feed.json'],
    ['/badge.svg?component=abcdef012345', '/badge.svg?component=abcdef012345'],
    ['/api/v2/summary.json', '/api/v2/summary.json'],
    ['/api/v2/incidents/unresolved.json', '/api/v2/incidents/unresolved.json'],
    ['/api/v2/../v1/issues.json', null],
    ['/report', '/report'],
    ['/report?q=my+words', null],
    ['/subscribe?issue=abcdef012345', null],
    ['/search?q=publish', null],
    ['/r/abcdef012345secret', null],
    ['/s/abcdef012345secret', null],
    ['/admin', null],
    ['/admin/issues/abcdef012345', null],
    ['/api/v1/issues', null],
    ['/metrics', null],
    ['/healthz', null],
    ['/ledger.jsonl', null],
    ['/ledger/now.jsonl', null],
    ['/ledger?before=100', '/ledger?before=100'],
    ['//evil.example/', null],
    ['http://evil.example/', null],
    ['*', null],
    ['', null],
    [`/history?month=${'x'.repeat(600)}`, null],
    ['/history?month=%zz', '/history?month=%25zz'],
  ];
  for (const [url, key] of table) t.equal(publicAddress(url)?.key ?? null, key, url);
});

t.test('a key is its own address', async (t) => {
  for (const url of [
    '/?a=b',
    '/history?page=2&month=2026-10',
    '/ledger?before=3&issue=x%26y',
    '/history?month=%zz',
  ]) {
    const { key } = publicAddress(url)!;
    t.equal(publicAddress(key)?.key, key);
  }
});

t.test('with a page goes what programs read, and the public pages it links, each once', async (t) => {
  const html =
    '<a href="/">x</a><a href="/issues/abcdef012345#me-too"><a href="/issues/abcdef012345"><a href="/history?month=2026-10&amp;page=2"><a href="/r/secret"><a href="https://a.example/history">';
  const all = goesWith(html).map(({ key }) => key);
  t.same(all.slice(-3), ['/', '/issues/abcdef012345', '/history?month=2026-10&page=2']);
  t.ok(['/api/v2/summary.json', '/badge.svg', '/history.atom'].every((one) => all.includes(one)));
  t.same(all, [...new Set(all)]);
});
