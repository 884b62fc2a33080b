import t from 'tap';
import { shellOf } from '../../src/shell.ts';
import { frontPage } from '../../src/status-page/page.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, fillSample, issueOf, sampleConfig, sampleNow } from '../fixtures/sample.ts';
import { inOrder, textOf } from '../fixtures/text.ts';

const shell = shellOf(sampleConfig);

onBoth(t, 'the front page answers in the order in which one asks', async (t, { db }) => {
  await fillSample(db);
  const text = textOf(await frontPage(db, shell, sampleNow));
  t.equal(
    inOrder(text, [
      'Is it me?',
      'Look it up',
      'Two things are broken right now.',
      'As of 21 Nov 2026, 21:40 UTC',
      'Broken now',
      'The publish button does nothing',
      'We found the cause · for 2 hours 40 minutes · 14 people told us',
      'Meanwhile: Publishing from your phone works.',
      'Next update by 21 Nov 2026, 22:30 UTC',
      'Newsletters arrive hours late',
      'We promised an update by 21 Nov 2026, 20:30 UTC and have not given one. Sorry.',
      'Bugs we know of',
      'The export gives an empty file',
      'One person told us',
      'Planned work',
      'Planned · 23 Nov 2026, 21:40 UTC to 23:40 UTC',
      'Part by part',
      'Editor Working',
      'Publishing Partly down',
      'Payments Working',
      'Fixed lately',
      'Fixed · 4 days ago',
      'Closed: we will not change it · 5 days ago',
      'To reach a person',
      'help@lettera.example',
    ]),
    true,
  );
});

onBoth(t, 'where no mail server is set up, the page does not leave it out', async (t, { db }) => {
  const said = async (frame: typeof shell) => textOf(await frontPage(db, frame, sampleNow));
  t.match(await said({ ...shell, mailsToFiles: true }), 'the mails that it tells of have reached nobody');
  t.notMatch(await said({ ...shell, mailsToFiles: false }), 'mail server');
});

onBoth(t, 'when nothing is broken it says so and boasts of nothing', async (t, { db }) => {
  const text = textOf(await frontPage(db, shell, sampleNow));
  t.match(text, 'We know of nothing that is broken. As of 21 Nov 2026, 21:40 UTC');
  t.notMatch(text, /operational|all systems|Broken now|Fixed lately|Part by part/i);
});

onBoth(t, 'the headline tells what is down from what has a bug and what was planned', async (t, { db }) => {
  const headline = async () => /id="now">([^<]*)</.exec(await frontPage(db, shell, sampleNow))?.[1];
  await db.insertInto('issue').values(issueOf('bug000000001')).execute();
  t.equal(await headline(), 'Nothing is down. Some things have bugs we know of.');
  await db
    .insertInto('issue')
    .values(issueOf('work00000001', { kind: 'maintenance', status: 'in_progress' }))
    .execute();
  t.equal(await headline(), 'We are working on something we had planned.');
  const working = textOf(await frontPage(db, shell, sampleNow));
  t.match(working, 'Being worked on');
  t.notMatch(working, 'Broken now', 'what was planned is not broken');
  await db
    .insertInto('issue')
    .values(issueOf('down00000001', { kind: 'incident' }))
    .execute();
  t.equal(await headline(), 'One thing is broken right now.');
});

onBoth(t, 'a long list is cut, and says where the rest is', async (t, { db }) => {
  const many = Array.from({ length: 60 }, (_, n) =>
    issueOf(`many000000${String(n).padStart(2, '0')}`, { kind: 'incident', started_at: ago(n) }),
  );
  await db.insertInto('issue').values(many).execute();
  const html = await frontPage(db, shell, sampleNow);
  t.equal(html.match(/href="\/issues\//g)?.length, 50);
  t.match(textOf(html), 'Many things are broken right now.');
  t.match(textOf(html), 'There is more: see the history');
});

onBoth(
  t,
  'what was fixed long ago, or is only planned, does not make a part look broken',
  async (t, { db }) => {
    await db
      .insertInto('component')
      .values({
        id: 'part00000001',
        name: 'Editor',
        description: null,
        group_name: null,
        source: null,
        created_at: ago(9),
        updated_at: ago(9),
      })
      .execute();
    await db
      .insertInto('issue')
      .values([
        issueOf('over00000001', {
          status: 'resolved',
          resolved_at: ago(15 * 24 * 60),
          started_at: ago(20 * 24 * 60),
        }),
        issueOf('plan00000001', { kind: 'maintenance', status: 'scheduled', scheduled_for: ago(-60) }),
      ])
      .execute();
    const touch = (issue_id: string) => ({
      issue_id,
      component_id: 'part00000001',
      status: 'major_outage' as const,
    });
    await db
      .insertInto('issue_component')
      .values([touch('over00000001'), touch('plan00000001')])
      .execute();
    const text = textOf(await frontPage(db, shell, sampleNow));
    t.match(text, 'Editor Working');
    t.notMatch(text, 'Fixed lately');
    await db.updateTable('component').set({ status: 'degraded_performance' }).execute();
    t.match(textOf(await frontPage(db, shell, sampleNow)), 'Editor Slow or unreliable');
  },
);
