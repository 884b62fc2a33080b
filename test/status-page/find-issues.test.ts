import t from 'tap';
import { findIssues } from '../../src/status-page/find-issues.ts';
import { onBoth } from '../fixtures/db.ts';

onBoth(t, 'a known issue is found by its words', async (t, { db }) => {
  const now = new Date();
  const times = { started_at: now, created_at: now, updated_at: now };
  await db
    .insertInto('issue')
    .values({
      id: 'a00000000001',
      kind: 'bug',
      title: 'The export gives an empty file',
      status: 'investigating',
      impact: 'minor',
      ...times,
    })
    .execute();
  const [found] = await findIssues(db, 'export empty');
  t.equal(found?.id, 'a00000000001');
  t.same(await findIssues(db, ''), []);
});
