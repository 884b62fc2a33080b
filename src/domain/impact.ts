export const impacts = ['none', 'minor', 'major', 'critical'] as const;
export type Impact = (typeof impacts)[number];

/** Component states from best to worst; maintenance is planned, so it ranks below every fault. */
export const componentStatuses = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
] as const;
export type ComponentStatus = (typeof componentStatuses)[number];

/** The worst of several component states; `operational` for none. */
export function worstStatus(all: readonly ComponentStatus[]): ComponentStatus {
  return componentStatuses[Math.max(0, ...all.map((one) => componentStatuses.indexOf(one)))]!;
}

/**
 * How a component stands: as staff set it, if they did so after every open issue spoke of it; else the worst of what
 * they set and what the issues say.
 */
export function standingOf(
  set: { status: ComponentStatus; setAt: Date | null },
  said: readonly { status: ComponentStatus; saidAt: Date }[],
): ComponentStatus {
  const { status, setAt } = set;
  if (setAt !== null && said.every((one) => one.saidAt < setAt)) return status;
  return worstStatus([status, ...said.map((one) => one.status)]);
}
