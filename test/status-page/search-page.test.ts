import t from 'tap';
import { shellOf } from '../../src/shell.ts';
import { readWords, searchJson, searchPage } from '../../src/status-page/search-page.ts';
import { onBoth } from '../fixtures/db.ts';
import { fillSample, sampleConfig, sampleNow } from '../fixtures/sample.ts';
import { inOrder, textOf } from '../fixtures/text.ts';

const shell = shellOf(sampleConfig);

t.test('words are one clean text, however the address was made', async (t) => {
  t.equal(readWords('  publish\u0000 \u202edoes nothing '), 'publish does nothing');
  for (const odd of [undefined, ['a', 'b'], { a: 1 }, 7, null]) t.equal(readWords(odd), '');
  t.equal(readWords('x'.repeat(5000)).length, 1000);
});

onBoth(
  t,
  'what we know comes with how it stands, what to do, and a way to say it is mine',
  async (t, { db }) => {
    await fillSample(db);
    const html = await searchPage(db, shell, 'publish button', sampleNow);
    t.equal(
      inOrder(textOf(html), [
        'Is it me?',
        'The publish button does nothing',
        'We found the cause',
        'Meanwhile: Publishing from your phone works.',
        'This is mine',
        'None of these?',
        'What is going wrong?',
      ]),
      true,
    );
    t.match(html, 'href="/issues/publish00001#me-too"');
    t.match(html, '>\npublish button</textarea>');
  },
);

onBoth(t, 'what we do not know yet leads to the form with her words in it', async (t, { db }) => {
  await fillSample(db);
  const html = await searchPage(db, shell, 'zebra & "stripes"', sampleNow);
  t.match(textOf(html), 'We don’t know this one yet.');
  t.notMatch(/<title>.*<\/title>/s.exec(html)![0], 'zebra', 'her words stand in no title');
  t.match(html, '>\nzebra &amp; &quot;stripes&quot;</textarea>');
  t.match(html, 'action="/report" method="post"');
  t.match(textOf(await searchPage(db, shell, '', sampleNow)), 'A few words are enough');
});

onBoth(t, 'what was not fixed is not called fixed', async (t, { db }) => {
  await fillSample(db);
  const text = textOf(await searchPage(db, shell, 'drafts open slowly', sampleNow));
  t.match(text, 'Drafts older than two years open slowly');
  t.match(text, 'Closed: we will not change it');
});

onBoth(t, 'machines get the same', async (t, { db }) => {
  await fillSample(db);
  const { results } = await searchJson(db, shell, 'publish');
  t.match(results[0], {
    id: 'publish00001',
    title: 'The publish button does nothing',
    status: 'identified',
    kind: 'incident',
    url: 'https://status.lettera.example/issues/publish00001',
    score: Number,
  });
  t.same(Object.keys(results[0] ?? {}), ['id', 'title', 'status', 'kind', 'url', 'score']);
  t.same(await searchJson(db, shell, ''), { results: [] });
});
