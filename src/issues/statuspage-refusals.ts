import { isClosed, type Kind, type Status } from '../domain/lifecycle.ts';
import { refuse } from '../errors.ts';
import type { ChangedComponent, ChangedIncident } from './statuspage-body.ts';

/** Throws Refused for what Statuspage would do and we cannot: to take it silently would change what it means. */
export function refuseWhatMeansMore(given: ChangedIncident, kind: Kind): void {
  if (given.backfilled || given.backfill_date) {
    refuse(
      'backfilled',
      'cannot be done here: everything is dated when it is said. `candor import` takes over a history',
    );
  }
  if (given.impact_override === 'maintenance' && kind !== 'maintenance') {
    refuse('impact_override', 'maintenance is for planned work; send scheduled_for and scheduled_until too');
  }
  const silent = 'cannot be false: subscribers hear when planned work begins and ends by itself';
  if (startsItself(given) && given.auto_transition_deliver_notifications_at_start === false)
    refuse('auto_transition_deliver_notifications_at_start', silent);
  if (given.scheduled_auto_completed && given.auto_transition_deliver_notifications_at_end === false)
    refuse('auto_transition_deliver_notifications_at_end', silent);
}

/** Throws Refused where an incident would end and those who reported it would not hear of it. */
export function refuseSilentEnd(given: ChangedIncident, from: Status, to: Status): void {
  if (isClosed(to) && !isClosed(from) && given.deliver_notifications === false) {
    refuse('deliver_notifications', 'cannot be false here: everybody who told us is told that it is over');
  }
}

/** Throws Refused for a component that would be hidden. */
export function refuseHiding(given: ChangedComponent): void {
  if (given.only_show_if_degraded)
    refuse('only_show_if_degraded', 'cannot be true: a component is shown whether it works or not');
}

export function startsItself(given: ChangedIncident): boolean | undefined {
  return given.scheduled_auto_in_progress ?? given.scheduled_auto_transition;
}
