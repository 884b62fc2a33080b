import { type ComponentStatus, type Impact, impacts, worstStatus } from './impact.ts';

/** How the whole page stands, in the words of Statuspage's API; from best to worst. */
export const indicators = ['none', 'maintenance', 'minor', 'major', 'critical'] as const;
export type Indicator = (typeof indicators)[number];

export interface PageStatus {
  indicator: Indicator;
  description: string;
}

/** An open incident that the API shows: its impact, and the state in which it leaves each component that it names. */
export interface OpenIncident {
  impact: Impact;
  components: readonly ComponentStatus[];
}

const standings = {
  operational: { indicator: 'none', description: 'All Systems Operational' },
  maintenance: { indicator: 'maintenance', description: 'Service Under Maintenance' },
  degraded: { indicator: 'minor', description: 'Partially Degraded Service' },
  minor: { indicator: 'minor', description: 'Minor Service Outage' },
  major: { indicator: 'major', description: 'Partial System Outage' },
  critical: { indicator: 'critical', description: 'Major Service Outage' },
} as const satisfies Record<string, PageStatus>;

/**
 * The roll-up: the worst of how all components stand together and of what is said of the open incidents. Of two that
 * are as bad, the components' words count: they are closer to what a customer sees.
 *
 * Statuspage blends components alone, so that an incident which names none leaves its page green; ours never shows
 * less than we say ourselves.
 */
export function pageStatus(
  components: readonly ComponentStatus[],
  incidents: readonly OpenIncident[],
  isWorkUnderWay: boolean,
): PageStatus {
  const all: PageStatus[] = [
    blended(components),
    ...incidents.map((one) => standings[byImpact(one, components)]),
    standings[isWorkUnderWay ? 'maintenance' : 'operational'],
  ];
  return all.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst));
}

/** As Statuspage documents it: one part that is out makes the page's outage partial, and one that is partly out a minor one. */
function blended(components: readonly ComponentStatus[]): PageStatus {
  const everyOne = (status: ComponentStatus) => components.every((one) => one === status);
  switch (worstStatus(components)) {
    case 'major_outage':
      return everyOne('major_outage') ? standings.critical : standings.major;
    case 'partial_outage':
      return everyOne('partial_outage') ? standings.major : standings.minor;
    case 'degraded_performance':
      return standings.degraded;
    case 'under_maintenance':
      return standings.maintenance;
    default:
      return standings.operational;
  }
}

/** Whoever names the parts that fail says with it that the others work: such an incident is no outage of everything. */
function byImpact({ impact, components: named }: OpenIncident, all: readonly ComponentStatus[]) {
  if (impact === 'none') return 'operational';
  const namesWhatFails = impactOf(named) !== 'none';
  const someWork = all.some((one) => one !== 'major_outage');
  return impact === 'critical' && namesWhatFails && someWork ? 'major' : impact;
}

/** What Statuspage calls the impact of an incident for which nobody chose one: that of its worst component. */
export function impactOf(components: readonly ComponentStatus[]): Impact {
  const worst = worstStatus(components);
  if (worst === 'major_outage') return 'critical';
  if (worst === 'partial_outage') return 'major';
  return worst === 'degraded_performance' ? 'minor' : 'none';
}

/** The worse of two impacts. */
export function worseImpact(one: Impact, other: Impact): Impact {
  return impacts.indexOf(one) > impacts.indexOf(other) ? one : other;
}

function rank({ indicator }: PageStatus): number {
  return indicators.indexOf(indicator);
}
