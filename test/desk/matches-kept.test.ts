import t from 'tap';
import { findOnce } from '../../src/desk/matches-kept.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

onBoth(t, 'what fits is looked for once, until something is said in public', async (t, base) => {
  const { api } = await openApp(t, base);
  const say = async (title: string) =>
    (await api('POST', '/issues', { title, kind: 'bug', message: 'We look into it.' })).body.id as string;
  const found = async (...texts: string[]) =>
    (await findOnce(base.db, texts)).map((all) => all.map((one) => one.title));
  const words = 'my export is an empty file';

  t.same(await found(words, 'hello'), [[], []]);
  const empty = await say('Export gives an empty file');
  t.same(await found(words), [['Export gives an empty file']]);
  await base.db.updateTable('issue').set({ title: 'Empty file, silently' }).where('id', '=', empty).execute();
  t.same(
    await found(words),
    [['Export gives an empty file']],
    'nothing was said: it is not looked for again',
  );
  const colour = 'what colour has my shop';
  t.same(
    await found(colour, words, colour),
    [[], ['Export gives an empty file'], []],
    'each beside its text',
  );
  await say('The colour of a shop is lost');
  t.same(await found(colour, words), [['The colour of a shop is lost'], ['Empty file, silently']]);
});
