import { sql } from 'kysely';
import { readComponents } from '../../components-now.ts';
import type { Db } from '../../db.ts';
import type { Site } from '../../feeds/statuspage/read.ts';
import type { ComponentChange, Webhook } from '../../hearing-tables.ts';
import { componentAsJson, readIssue } from '../../issues/read-issues.ts';
import type { IssueAnswer } from '../../issues/schemas.ts';
import type { Delivery } from '../../tables.ts';
import type { NudgeMatter, Unwanted } from '../matter.ts';
import { wantedNudge } from '../nudge-letter.ts';
import { hearsOf } from '../owe-news.ts';

/** What a message to a program is about, as it stands now. Nothing a visitor typed is in it. */
export type HookMatter = IssueNews | ComponentNews | NudgeNews | TestNews;

interface Around {
  page: Site;
  /** When it happened. */
  at: Date;
}

/** An issue as the API shows it to everybody: how many people told us is left to the page. */
export type PublicIssue = Omit<IssueAnswer, 'reporters_count' | 'worked' | 'workarounds'>;

export interface IssueNews extends Around {
  about: 'issue';
  template: 'opened' | 'update' | 'resolved' | 'reminder' | 'reopened';
  issue: PublicIssue;
  update: PublicIssue['updates'][number] | null;
}

export interface ComponentNews extends Around {
  about: 'component';
  component: ReturnType<typeof componentAsJson>;
  change: ComponentChange;
}

/** That a promise runs out soon, or has, to a room of staff. */
export interface NudgeNews extends Around {
  about: 'nudge';
  nudge: NudgeMatter;
  /** The issue's page at the desk. */
  url: string;
}

export interface TestNews extends Around {
  about: 'test';
}

const testsWaitMs = 10 * 60_000;

/**
 * Looks once more, just before sending, whether the webhook is still to be told and whether it is still true; answers
 * what the message is about, or why it must not go.
 */
export async function hookWanted(
  db: Db,
  hook: Webhook,
  delivery: Delivery,
  page: Site,
  now: Date,
): Promise<HookMatter | Unwanted> {
  const { template, created_at: at } = delivery;
  if (template === 'hook_test')
    return now.getTime() - at.getTime() < testsWaitMs
      ? { about: 'test', page, at }
      : cancelled('nobody waits for this test any more');
  if (hook.paused_at !== null) return cancelled('the webhook is paused');
  if (hook.subscriber_id !== null && !(await stillHears(db, hook.subscriber_id, delivery)))
    return cancelled('the subscriber does not hear of this any more');
  switch (template) {
    case 'component':
      return componentNews(db, delivery, page);
    case 'opened':
    case 'update':
    case 'resolved':
    case 'reminder':
    case 'reopened':
      return issueNews(db, delivery, template, page, now);
    case 'nudge':
      return nudgeNews(db, hook, delivery, page, now);
    default:
      throw new Error(`nothing is said to programs by ${template}`);
  }
}

function cancelled(reason: string): Unwanted {
  return { state: 'cancelled', reason };
}

/** Her choices, as they are now; of a component's change only whether she hears at all. */
async function stillHears(db: Db, subscriberId: string, { template, issue_id }: Delivery): Promise<boolean> {
  const { rows } = await sql<{ hears: boolean }>`
    select s.state = 'active' and (${template}::text = 'component' or ${hearsOf(sql`s`, sql`i`)}) as hears
    from subscriber s left join issue i on i.id = ${issue_id}
    where s.id = ${subscriberId}`.execute(db);
  return rows[0]?.hears === true;
}

async function issueNews(
  db: Db,
  { event, issue_id, update_id, created_at: at }: Delivery,
  template: IssueNews['template'],
  page: Site,
  now: Date,
): Promise<IssueNews | Unwanted> {
  if (issue_id === null) return cancelled('the issue is gone');
  const {
    reporters_count: _,
    worked: _answers,
    workarounds: _ways,
    ...issue
  } = await readIssue(db, issue_id, page.baseUrl);
  const place = issue.updates.findIndex((one) => one.id === update_id); // newest first
  if (template === 'reminder') {
    const planned = issue.scheduled_for === null ? 0 : Date.parse(issue.scheduled_for);
    const holds = issue.status === 'scheduled' && event.endsWith(`:${planned}`) && planned > now.getTime();
    return holds
      ? { about: 'issue', template, issue, update: null, page, at }
      : cancelled('the work was moved, or is not ahead any more');
  }
  if (place < 0) return cancelled('the update is gone');
  const reopened = issue.updates.slice(0, place).some((one) => !isEnd(one.status));
  if (template === 'resolved' && reopened) return cancelled('the issue was opened again');
  return { about: 'issue', template, issue, update: issue.updates[place]!, page, at };
}

async function nudgeNews(
  db: Db,
  { nudges, kind }: Webhook,
  delivery: Delivery,
  page: Site,
  now: Date,
): Promise<NudgeNews | Unwanted> {
  if (!nudges || kind === 'statuspage') return cancelled('no reminders go there');
  const nudge = await wantedNudge(db, delivery, now);
  if ('state' in nudge) return nudge;
  const url = `${page.baseUrl}/admin/issues/${nudge.issue.id}`;
  return { about: 'nudge', nudge, url, page, at: delivery.created_at };
}

function isEnd(status: string): boolean {
  return status === 'resolved' || status === 'completed';
}

async function componentNews(
  db: Db,
  { component_change_id, created_at: at }: Delivery,
  page: Site,
): Promise<ComponentNews | Unwanted> {
  const change = await db
    .selectFrom('component_change')
    .selectAll()
    .where('id', '=', component_change_id)
    .executeTakeFirst();
  const component = change && (await readComponents(db)).find((one) => one.id === change.component_id);
  if (!component) return cancelled('the component is gone');
  return { about: 'component', component: componentAsJson(component), change, page, at };
}
