import t from 'tap';
import { inShort, type Piece, wordDiff } from '../src/word-diff.ts';
import { openApp } from './fixtures/app.ts';
import { onBoth } from './fixtures/db.ts';
import { ago, issueOf, updateOf } from './fixtures/sample.ts';
import { inOrder, textOf } from './fixtures/text.ts';

const signs = { same: ['', ''], removed: ['[', ']'], added: ['{', '}'] } as const;
const shown = (pieces: Piece[]) =>
  pieces.map(({ kind, text }) => signs[kind][0] + text + signs[kind][1]).join('');

t.test('what was taken out and what was put in, word by word', async (t) => {
  for (const [was, is, difference] of [
    ['It fails.', 'It fails.', 'It fails.'],
    ['', 'New.', '{New.}'],
    ['Old.', '', '[Old.]'],
    ['Down since 14:00 UTC.', 'Down since 13:20 UTC.', 'Down since [14:00 ]{13:20 }UTC.'],
    ['About 1,500 of you.', 'About 2,500 of you.', 'About [1,500 ]{2,500 }of you.'],
    ['We don’t know why.', 'We know why.', 'We [don’t ]know why.'],
    ['It works again', 'It works again, for all.', 'It works again{, for all.}'],
    ['1. one\n2. two\n', '1. one\n2. three\n', '1. one\n2. [two\n]{three\n}'],
    ['Мы ищем причину сбоя.', 'Мы нашли причину сбоя.', 'Мы [ищем ]{нашли }причину сбоя.'],
    ['我们正在调查问题。', '我们找到问题。', '我们[正在调查]{找到}问题。'],
    ['one\ntwo', 'one\n\ntwo', 'one\n{\n}two'],
    ['The disk is full.', 'A fix is in, we watch it.', '[The disk is full.]{A fix is in, we watch it.}'],
    ['👩‍🚀 flies', '👩‍🚀 lands', '👩‍🚀 [flies]{lands}'],
  ] as const) {
    t.equal(shown(wordDiff(was, is)), difference);
  }
});

t.test('whatever became of a text, both of it stand whole in the difference', async (t) => {
  let random = 7;
  const one = (from: readonly string[]) => {
    random = (random * 16_807) % 2_147_483_647;
    return from[random % from.length]!;
  };
  const words = ['the', 'disk', 'fails', '**again**', ' ', '\n', '\n\n', '.', '我', '👩‍🚀', '<b>', 'don’t'];
  const text = () => Array.from({ length: 40 }, () => one(words) + one([' ', ''])).join('');
  const without = (pieces: Piece[], kind: Piece['kind']) =>
    pieces
      .filter((piece) => piece.kind !== kind)
      .map((piece) => piece.text)
      .join('');
  const bare = (text: string) => text.replace(/\s/g, '');
  for (let n = 0; n < 300; n++) {
    const was = text();
    const is = n % 2 ? text() : was.replace(one(words), one(words));
    const pieces = wordDiff(was, is);
    t.equal(without(pieces, 'removed'), is, 'what it is');
    t.equal(bare(without(pieces, 'added')), bare(was), 'what it was');
    if (was !== is)
      t.ok(
        pieces.some(({ kind }) => kind !== 'same'),
        'no change is hidden',
      );
  }
});

t.test('a long text is bounded, and only what changed is shown of it', async (t) => {
  const long = Array.from({ length: 12_000 }, (_, n) => `word${n}`).join(' ');
  const brief = inShort(wordDiff(long, long.replace('word6000', 'another')));
  t.match(shown(brief), /^… .*word5999 \[word6000 \]\{another \}word6001 .* …$/);
  t.ok(shown(brief).length < 600);
  const other = Array.from({ length: 12_000 }, (_, n) => `thing${n}`).join(' ');
  t.same(wordDiff(long, other), [
    { kind: 'removed', text: long },
    { kind: 'added', text: other },
  ]);
});

onBoth(t, 'each edit shows what it changed, and all that stood there before', async (t, base) => {
  const { app, api, clock } = await openApp(t, base);
  const { body: issue } = await api('POST', '/issues', {
    title: 'Uploads fail',
    kind: 'incident',
    message: 'It is <b>the disk</b>.',
    impact: 'minor',
    workaround: 'Use the old page.',
  });
  const at = `/issues/${issue.id}`;
  const later = async (path: string, body: object) => {
    clock.now = new Date(clock.now.getTime() + 60_000);
    await api('PATCH', path, body);
  };
  const update = `${at}/updates/${issue.updates[0].id}`;
  await later(update, { message: 'It is <b>the network</b>.' });
  await later(update, { message: 'It was <b>the network</b>.' });
  await later(at, { workaround: null });
  await later(at, { workaround: 'Use your phone.' });
  await later(at, { workaround: 'Use your *phone* or wait.' });
  await later(at, { impact: 'major' });
  await later(at, { title: 'Uploads fail for some' });
  await later(at, { next_update_at: '2026-11-21T14:00:00Z' });
  await later(at, { next_update_at: '2026-11-21T15:00:00Z' });
  await later(at, { started_at: '2026-11-21T11:00:00Z' });
  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('POST', `${at}/updates`, {
    status: 'identified',
    message: 'We know it.',
    next_update_at: '2026-11-21T18:00:00Z',
  });

  const { body: html } = await app.inject(at);
  const text = textOf(html);
  t.equal(
    inOrder(text, [
      'We corrected when it began',
      'From 21 Nov 2026, 12:00 UTC to 21 Nov 2026, 11:00 UTC.',
      'We changed when we promised to say more',
      'Moved to 21 Nov 2026, 15:00 UTC.',
      'We changed the title',
      'Uploads fail (put in: for some)',
      'What stood there before Uploads fail',
      'We changed how serious we think it is',
      'From small to serious.',
      'We changed what to do meanwhile',
      'Use your (put in: *) phone (put in: * or wait).',
      'What stood there before Use your phone.',
      'We changed what to do meanwhile',
      '(taken out: Use the old page.)',
      'What stood there before Use the old page.',
      'We are looking into it',
      'It was <b>the network</b>.',
      'What changed: It (taken out: is) (put in: was) <b>the network</b>.',
      'What stood there before: It is <b>the network</b>.',
      'What changed: It is <b>the (taken out: disk) (put in: network) </b>.',
      'What stood there before: It is <b>the disk</b>.',
    ]),
    true,
    text.slice(text.indexOf('said so far')),
  );
  t.notMatch(html, /<b>the|<del>[^<]*<b>/, 'what was typed is no markup');
  t.match(html, /<del><span class="unseen"> \(taken out: <\/span>is /);
  t.notMatch(text, 'Moved to 21 Nov 2026, 18:00', 'what a later update promised is not what the edit said');
});

onBoth(t, 'of an edit from before the ledger the next version is what it turned into', async (t, base) => {
  const { app } = await openApp(t, base);
  const id = 'oldedits0001';
  await base.db
    .insertInto('issue')
    .values(issueOf(id, { title: 'Three', next_update_at: ago(-60) }))
    .execute();
  await base.db.insertInto('issue_update').values(updateOf('oldedits0002', id)).execute();
  const edit = { issue_id: id, update_id: null };
  await base.db
    .insertInto('issue_edit')
    .values([
      { ...edit, field: 'title', was: 'One', edited_at: ago(30) },
      { ...edit, field: 'next_update_at', was: ago(100).toISOString(), edited_at: ago(25) },
      { ...edit, field: 'title', was: 'Two', edited_at: ago(20) },
      { ...edit, field: 'impact', was: 'none', edited_at: ago(10) },
    ])
    .execute();
  const { body } = await app.inject(`/issues/${id}`);
  const text = textOf(body);
  t.equal(
    inOrder(text, [
      'From no impact to small.',
      '(taken out: Two) (put in: Three)',
      'We changed when we promised to say more',
      '(taken out: One) (put in: Two)',
    ]),
    true,
    text.slice(text.indexOf('said so far')),
  );
  t.notMatch(text, 'Moved to', 'each update sets a promise, so nobody knows any more what this one became');
});
