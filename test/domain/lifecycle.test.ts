import t from 'tap';
import {
  firstStatus,
  isClosed,
  type Kind,
  type Status,
  statuses,
  statusesOf,
  step,
} from '../../src/domain/lifecycle.ts';

const steps: [kind: Kind, from: Status, to: Status, expected: string][] = [
  ['bug', 'investigating', 'identified', 'update'],
  ['bug', 'investigating', 'investigating', 'update'],
  ['bug', 'identified', 'monitoring', 'update'],
  ['bug', 'monitoring', 'investigating', 'update'], // the truth does not only go forward
  ['bug', 'investigating', 'resolved', 'close'],
  ['bug', 'monitoring', 'resolved', 'close'],
  ['bug', 'resolved', 'investigating', 'reopen'],
  ['bug', 'resolved', 'monitoring', 'reopen'],
  ['bug', 'resolved', 'resolved', 'refused'],
  ['bug', 'investigating', 'scheduled', 'refused'],
  ['bug', 'investigating', 'completed', 'refused'],
  ['incident', 'identified', 'resolved', 'close'],
  ['incident', 'identified', 'in_progress', 'refused'],
  ['maintenance', 'scheduled', 'in_progress', 'update'],
  ['maintenance', 'in_progress', 'verifying', 'update'],
  ['maintenance', 'verifying', 'in_progress', 'update'],
  ['maintenance', 'scheduled', 'completed', 'close'],
  ['maintenance', 'verifying', 'completed', 'close'],
  ['maintenance', 'completed', 'in_progress', 'reopen'],
  ['maintenance', 'completed', 'completed', 'refused'],
  ['maintenance', 'scheduled', 'resolved', 'refused'],
  ['maintenance', 'scheduled', 'investigating', 'refused'],
];

t.test('each step means what the table says', async (t) => {
  for (const [kind, from, to, expected] of steps) {
    const taken = step(kind, from, to);
    t.equal('step' in taken ? taken.step : 'refused', expected, `${kind}: ${from} → ${to}`);
  }
});

t.test('a refusal names what would be possible', async (t) => {
  t.match(step('bug', 'investigating', 'completed'), {
    refused: /investigating, identified, monitoring, resolved/,
  });
  t.match(step('bug', 'resolved', 'resolved'), { refused: /reopen/ });
});

t.test('every status belongs to a kind, and every kind begins open and can end', async (t) => {
  const kinds: Kind[] = ['bug', 'incident', 'maintenance'];
  for (const status of statuses)
    t.ok(
      kinds.some((kind) => statusesOf(kind).includes(status)),
      status,
    );
  for (const kind of kinds) {
    t.notOk(isClosed(firstStatus(kind)));
    t.equal(statusesOf(kind).filter(isClosed).length, 1);
  }
});
