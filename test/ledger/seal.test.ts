import t from 'tap';
import { noHash } from '../../src/domain/ledger.ts';
import { hashOf } from '../../src/ledger/chain.ts';
import { sealLedger } from '../../src/ledger/seal.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

onBoth(
  t,
  'what is said stands in the ledger, each entry with the hash of the one before',
  async (t, base) => {
    const { app, api } = await openApp(t, base);
    const opened = await api('POST', '/issues', {
      title: 'Publish does nothing',
      kind: 'bug',
      message: 'We know.',
    });
    await api('POST', `/issues/${opened.body.id}/updates`, { status: 'identified', message: 'We found it.' });
    await api('PATCH', `/issues/${opened.body.id}`, { title: 'Publish and preview do nothing' });

    const answer = await app.inject('/ledger.jsonl');
    t.match(answer.headers['content-type'], 'application/jsonl');
    const entries = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.same(
      entries.map(({ seq, type }) => [seq, type]),
      [
        [1, 'issue_opened'],
        [2, 'update_posted'],
        [3, 'issue_changed'],
      ],
    );
    let prev = noHash;
    for (const entry of entries) {
      t.equal(entry.prev, prev);
      t.equal(entry.hash, hashOf(entry));
      prev = entry.hash;
    }
    t.same(await sealLedger(base.db), { seq: 3, hash: prev }, 'and sealing again adds nothing');
  },
);
