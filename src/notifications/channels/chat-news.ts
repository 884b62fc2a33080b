import {
  componentMark,
  componentWords,
  type Mark,
  markOf,
  peopleWords,
  standingWords,
  statusWords,
} from '../../domain/labels.ts';
import { isClosed } from '../../domain/lifecycle.ts';
import { cleanLine } from '../../domain/text.ts';
import { utcLong } from '../../domain/times.ts';
import type { HookMatter, IssueNews, NudgeNews } from './matter.ts';

/** News as every chat shows it; each writes it in its own way. */
export interface ChatNews {
  /** Of what sort it is, before the title: "New incident". */
  lead: string;
  title: string;
  /** How it stands, in words. */
  state: string;
  mark: Mark;
  /** Markdown of the team; empty for none. */
  message: string;
  /** What to do meanwhile, as Markdown; empty for none. */
  workaround: string;
  /** "Export: Down" */
  components: string[];
  /** When we promised to say more, or when planned work is; empty for none. */
  when: string;
  url: string;
  /** Where it comes from. */
  from: string;
  at: Date;
}

const mostComponents = 10;

/** Shapes what a delivery is about for a chat. */
export function chatNews(matter: HookMatter): ChatNews {
  const { page, at } = matter;
  const from = cleanLine(page.pageName);
  switch (matter.about) {
    case 'issue':
      return { ...aboutIssue(matter), from, at };
    case 'component': {
      const status = matter.change.new_status;
      const state = componentWords[status];
      const title = `${cleanLine(matter.component.name)}: ${state}`;
      const lead = 'A component changed';
      return { ...plain, lead, title, state, mark: componentMark(status), url: page.baseUrl, from, at };
    }
    case 'nudge':
      return { ...aboutPromise(matter), from, at };
    case 'test':
      return {
        ...plain,
        lead: 'A test',
        title: `News of ${from} will come here`,
        state: 'Nothing is broken because of this message',
        mark: 'fixed',
        message: 'Somebody pressed the test button. If you can read this, all is well.',
        url: page.baseUrl,
        from,
        at,
      };
  }
}

const plain = { message: '', workaround: '', components: [], when: '' };

function aboutIssue(news: IssueNews): Omit<ChatNews, 'from' | 'at'> {
  const { issue, update, template } = news;
  const status = update?.status ?? issue.status;
  const closed = isClosed(status);
  const standing = { kind: issue.kind, status, resolution: closed ? issue.resolution : null };
  const notBegun = status === 'scheduled';
  const parts = issue.components.map(
    (one) => cleanLine(one.name) + (notBegun ? '' : `: ${componentWords[one.status]}`),
  );
  const more = parts.length - mostComponents;
  return {
    lead: leadOf(news),
    title: cleanLine(issue.title),
    state: closed ? standingWords(standing) : statusWords(status),
    mark: markOf(standing),
    message: update?.message ?? '',
    workaround: template === 'opened' && issue.workaround ? issue.workaround : '',
    components: closed ? [] : [...parts.slice(0, mostComponents), ...(more > 0 ? [`and ${more} more`] : [])],
    when: closed ? '' : whenOf(news),
    url: issue.url,
  };
}

function aboutPromise({ nudge: matter, url }: NudgeNews): Omit<ChatNews, 'from' | 'at'> {
  const { nudge, issue, promisedAt, people } = matter;
  const lapsed = nudge === 'lapsed';
  return {
    ...plain,
    lead: 'For staff: a promise',
    title: cleanLine(issue.title),
    state: lapsed ? 'We have not kept our word' : 'Our promise runs out soon',
    mark: lapsed ? 'broken' : 'known',
    message: [
      lapsed ? 'The page says so to everybody who looks.' : 'Even “nothing new yet” keeps the word.',
      people > 0 ? `${peopleWords(people)}.` : '',
    ]
      .filter(Boolean)
      .join(' '),
    when: `${lapsed ? 'An update was promised by' : 'Next update promised by'} ${utcLong(promisedAt)}`,
    url,
  };
}

function leadOf({ template, issue }: IssueNews): string {
  if (template === 'reminder') return 'Planned work comes near';
  if (template === 'resolved') return issue.kind === 'maintenance' ? 'Planned work is over' : 'It is over';
  if (template === 'reopened') return 'It came back';
  if (template === 'update') return 'Update';
  return { bug: 'Known bug', incident: 'New incident', maintenance: 'Planned work' }[issue.kind];
}

function whenOf({ issue }: IssueNews): string {
  const { kind, status, scheduled_for, scheduled_until, next_update_at } = issue;
  if (kind === 'maintenance' && status === 'scheduled' && scheduled_for) {
    const until = scheduled_until ? ` until ${utcLong(new Date(scheduled_until))}` : '';
    return `From ${utcLong(new Date(scheduled_for))}${until}`;
  }
  return next_update_at ? `Next update by ${utcLong(new Date(next_update_at))}` : '';
}
