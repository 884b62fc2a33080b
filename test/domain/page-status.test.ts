import t from 'tap';
import { groupIdOf } from '../../src/domain/group-id.ts';
import type { ComponentStatus } from '../../src/domain/impact.ts';
import { type OpenIncident, pageStatus } from '../../src/domain/page-status.ts';

const up = 'operational';
const work = 'under_maintenance';
const slow = 'degraded_performance';
const partly = 'partial_outage';
const out = 'major_outage';

// The first block is Statuspage's own table (support.atlassian.com, "Top-level status and incident impact calculations"),
// and a page where four of eleven parts were out under a critical incident: "major", "Partial System Outage".
const cases: [
  why: string,
  components: ComponentStatus[],
  incidents: OpenIncident[],
  work: boolean,
  answer: string,
][] = [
  ['an empty page has nothing that fails', [], [], false, 'none: All Systems Operational'],
  ['everything works', [up, up], [], false, 'none: All Systems Operational'],
  ['one part is being worked on', [up, work], [], false, 'maintenance: Service Under Maintenance'],
  ['one part is slow', [up, slow], [], false, 'minor: Partially Degraded Service'],
  ['the only part is slow', [slow], [], false, 'minor: Partially Degraded Service'],
  ['one of several is partly out', [up, partly], [], false, 'minor: Minor Service Outage'],
  ['the only part is partly out', [partly], [], false, 'major: Partial System Outage'],
  ['all are partly out', [partly, partly], [], false, 'major: Partial System Outage'],
  ['one of several is out', [up, up, out], [], false, 'major: Partial System Outage'],
  ['one is out and the others partly', [partly, out], [], false, 'major: Partial System Outage'],
  ['all are out', [out, out], [], false, 'critical: Major Service Outage'],
  ['a fault outweighs work', [work, slow], [], true, 'minor: Partially Degraded Service'],
  [
    'a critical incident that names what is out leaves the rest working',
    [up, out],
    [{ impact: 'critical', components: [out] }],
    false,
    'major: Partial System Outage',
  ],
  [
    'until nothing works',
    [out],
    [{ impact: 'critical', components: [out] }],
    false,
    'critical: Major Service Outage',
  ],

  // Ours: never less than we say of an open incident.
  [
    'an incident that names no part',
    [up],
    [{ impact: 'minor', components: [] }],
    false,
    'minor: Minor Service Outage',
  ],
  ['the same, larger', [], [{ impact: 'major', components: [] }], false, 'major: Partial System Outage'],
  [
    'the same, of everything',
    [up],
    [{ impact: 'critical', components: [up] }],
    false,
    'critical: Major Service Outage',
  ],
  [
    'one that touches nobody',
    [up],
    [{ impact: 'none', components: [] }],
    false,
    'none: All Systems Operational',
  ],
  [
    'worse than its parts look',
    [up, partly],
    [{ impact: 'major', components: [partly] }],
    false,
    'major: Partial System Outage',
  ],
  [
    'as bad as its parts: theirs are the closer words',
    [up, slow],
    [{ impact: 'minor', components: [slow] }],
    false,
    'minor: Partially Degraded Service',
  ],
  [
    'the worst of several',
    [up],
    [
      { impact: 'minor', components: [] },
      { impact: 'major', components: [] },
    ],
    true,
    'major: Partial System Outage',
  ],
  ['work that names no part', [up], [], true, 'maintenance: Service Under Maintenance'],
];

for (const [why, components, incidents, underWay, answer] of cases) {
  t.test(`the page's status where ${why}`, async (t) => {
    const { indicator, description } = pageStatus(components, incidents, underWay);
    t.equal(`${indicator}: ${description}`, answer);
  });
}

t.test('a group keeps its id for ever, and no two share one', async (t) => {
  t.equal(groupIdOf('Website'), '9nhcx88x1r1t');
  t.match(groupIdOf(''), /^[0-9a-z]{12}$/);
  const names = Array.from({ length: 1_000 }, (_, n) => `Group ${n}`);
  t.equal(new Set(names.map(groupIdOf)).size, names.length);
  t.ok(names.every((name) => /^[0-9a-z]{12}$/.test(groupIdOf(name))));
});
