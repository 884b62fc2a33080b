import t from 'tap';
import { shellOf } from '../../src/shell.ts';
import { issuePage } from '../../src/status-page/issue-page.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, fillSample, issueOf, reportOf, sampleConfig, sampleNow, updateOf } from '../fixtures/sample.ts';
import { inOrder, textOf } from '../fixtures/text.ts';

const shell = shellOf(sampleConfig);

onBoth(t, 'an open issue answers in the order in which she asks', async (t, { db }) => {
  await fillSample(db);
  const text = textOf(await issuePage(db, shell, 'publish00001', sampleNow));
  t.equal(
    inOrder(text, [
      'Incident We found the cause',
      'The publish button does nothing',
      'Is it me?',
      'No. This is not your fault. We know about it.',
      'Publishing Partly down',
      'What can I do meanwhile?',
      'Publishing from your phone works.',
      'Since when, and who else?',
      'Since 21 Nov 2026, 19:00 UTC. That is 2 hours 40 minutes.',
      '14 people told us.',
      'When do you say more?',
      'Next update by 21 Nov 2026, 22:30 UTC',
      'Does it happen to you too?',
      'Your mail address',
      'nobody but us sees it',
      'Me too',
      'What have you said so far?',
      'We found the cause',
      '21 Nov 2026, 20:40 UTC',
      'We added what to do meanwhile',
      'We changed the title',
      'Publishing is slow for some',
      'We are looking into it',
      'edited 21 Nov 2026, 19:12 UTC',
      'It may be the browser.',
    ]),
    true,
  );
});

onBoth(t, 'a broken promise is said plainly, and so is not knowing what to do', async (t, { db }) => {
  await fillSample(db);
  const text = textOf(await issuePage(db, shell, 'overdue00001', sampleNow));
  t.match(text, 'We promised an update by 21 Nov 2026, 20:30 UTC and have not given one. Sorry.');
  t.match(text, 'We know of no way around it yet.');
  t.match(text, 'Nobody has told us here yet.');
});

onBoth(t, 'a promise is kept until its very minute', async (t, { db }) => {
  await db
    .insertInto('issue')
    .values(issueOf('minute000001', { next_update_at: sampleNow }))
    .execute();
  t.match(textOf(await issuePage(db, shell, 'minute000001', sampleNow)), 'Next update by');
  t.match(textOf(await issuePage(db, shell, 'minute000001', ago(-1))), 'Sorry.');
});

onBoth(t, 'an issue that is over says how it ended, and asks whether it did', async (t, { db }) => {
  await fillSample(db);
  const fixed = textOf(await issuePage(db, shell, 'fixed0000001', sampleNow));
  t.equal(
    inOrder(fixed, [
      'Bug Fixed',
      'It is fixed. It was not your fault.',
      'From 15 Nov 2026, 21:40 UTC to 17 Nov 2026, 21:40 UTC: 2 days.',
      'Still broken for you?',
      'Still broken for me',
      'What have you said so far?',
      'Fixed 17 Nov 2026, 21:40 UTC',
    ]),
    true,
  );
  t.notMatch(fixed, /Type it twice|When do you say more/);
  const wont = textOf(await issuePage(db, shell, 'wontfix00001', sampleNow));
  t.equal(
    inOrder(wont, ['we will not change it', 'No. This is not your fault, but we will not change it.']),
    true,
  );
  t.notMatch(wont, 'It is fixed');
});

onBoth(t, 'each ending has words of its own, and none of them blames', async (t, { db }) => {
  const endings = {
    fixed: 'It is fixed',
    wont_fix: 'we will not change it',
    not_reproducible: 'That does not mean that it did not happen to you.',
    duplicate: 'It is the same as another problem we know.',
  } as const;
  for (const [n, [resolution, words]] of Object.entries(endings).entries()) {
    const id = `ending00000${n}`;
    await db
      .insertInto('issue')
      .values(
        issueOf(id, {
          status: 'resolved',
          resolution: resolution as keyof typeof endings,
          resolved_at: ago(1),
        }),
      )
      .execute();
    const text = textOf(await issuePage(db, shell, id, sampleNow));
    t.match(text, words);
    t.notMatch(text, /user error|as expected|cache|inconvenience/i);
  }
});

onBoth(t, 'planned work that has not begun claims to touch nothing yet', async (t, { db }) => {
  await fillSample(db);
  const text = textOf(await issuePage(db, shell, 'planned00001', sampleNow));
  t.equal(
    inOrder(text, [
      'Not yet. This is work we have planned.',
      'Payments Will be worked on',
      'When?',
      'Planned for 23 Nov 2026, 21:40 UTC to 23:40 UTC.',
      'Will you tell me when it is over?',
      'Tell me',
    ]),
    true,
  );
  t.notMatch(text, /Being worked on|told us here|meanwhile/);
});

onBoth(t, 'people are counted, not reports', async (t, { db }) => {
  await db.insertInto('issue').values(issueOf('people000001')).execute();
  const linked = { issue_id: 'people000001', state: 'linked' as const, linked_at: ago(1) };
  await db
    .insertInto('report')
    .values([
      reportOf('people000002', { ...linked, email: 'ana@mail.example' }),
      reportOf('people000003', { ...linked, email: 'ANA@mail.example' }),
      reportOf('people000004', linked),
      reportOf('people000005', linked),
      reportOf('people000006', { issue_id: 'people000001', state: 'withdrawn', withdrawn_at: ago(1) }),
      reportOf('people000007', { issue_id: 'people000001', email: 'late@mail.example' }),
    ])
    .execute();
  t.match(textOf(await issuePage(db, shell, 'people000001', sampleNow)), '4 people told us.');
});

onBoth(t, 'an update reopened and closed again keeps its own words', async (t, { db }) => {
  await db
    .insertInto('issue')
    .values(issueOf('again0000001', { status: 'resolved', resolution: 'wont_fix', resolved_at: ago(10) }))
    .execute();
  await db
    .insertInto('issue_update')
    .values([
      updateOf('again0000002', 'again0000001', { status: 'resolved', message: 'one', created_at: ago(30) }),
      updateOf('again0000003', 'again0000001', {
        status: 'investigating',
        message: 'two',
        created_at: ago(20),
      }),
      updateOf('again0000004', 'again0000001', { status: 'resolved', message: 'three', created_at: ago(10) }),
    ])
    .execute();
  const text = textOf(await issuePage(db, shell, 'again0000001', sampleNow));
  t.equal(
    inOrder(text, [
      'said so far?',
      'we will not change it',
      'three',
      'looking into it',
      'two',
      'We thought it was over',
      'one',
    ]),
    true,
  );
});
