import type { HookMatter, IssueNews } from './matter.ts';

/** What our own kind of message says: one object for each event, as the API shows it to everybody. */
export interface CandorEvent {
  type:
    | 'issue.opened'
    | 'issue.updated'
    | 'issue.resolved'
    | 'maintenance.reminder'
    | 'component.changed'
    | 'promise.runs_out'
    | 'promise.ran_out'
    | 'test';
  timestamp: string;
  data: object;
}

const types = {
  opened: 'issue.opened',
  update: 'issue.updated',
  resolved: 'issue.resolved',
  reminder: 'maintenance.reminder',
  reopened: 'issue.updated',
} as const satisfies Record<IssueNews['template'], CandorEvent['type']>;

/** Shapes what a delivery is about for a program that speaks our own language. */
export function candorEvent(matter: HookMatter): CandorEvent {
  const timestamp = matter.at.toISOString();
  switch (matter.about) {
    case 'issue':
      return {
        type: types[matter.template],
        timestamp,
        data: { issue: matter.issue, update: matter.update },
      };
    case 'component': {
      const { id, issue_id, update_id, old_status, new_status, at } = matter.change;
      const change = { id, old_status, new_status, at: at.toISOString(), issue_id, update_id };
      return { type: 'component.changed', timestamp, data: { component: matter.component, change } };
    }
    case 'nudge': {
      const { nudge, issue, promisedAt, people } = matter.nudge;
      return {
        type: nudge === 'soon' ? 'promise.runs_out' : 'promise.ran_out',
        timestamp,
        data: {
          issue: { ...issue, url: matter.url },
          promised_at: promisedAt.toISOString(),
          reporters_count: people,
        },
      };
    }
    case 'test':
      return {
        type: 'test',
        timestamp,
        data: { message: 'Somebody pressed the test button. Nothing is broken.', url: matter.page.baseUrl },
      };
  }
}
