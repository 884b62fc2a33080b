import { statusWords } from '../domain/labels.ts';
import { isClosed, statusesOf } from '../domain/lifecycle.ts';
import {
  defaultPromise,
  type PromiseChoice,
  promiseChoices,
  promiseState,
  promiseWords,
} from '../domain/promise.ts';
import { updateWording } from '../domain/wordings.ts';
import { countBelievers } from '../notifications/owe-return.ts';
import type { Issue } from '../tables.ts';
import { wordingOf } from '../wordings.ts';
import { chosen, typedLine, typedText } from './fields.ts';
import type { Choice } from './issue-form.ts';
import type { Fields, Visit } from './route.ts';
import type { WriteBox, Written } from './writing.ts';

/** The form in which staff say more about an issue. */
export interface UpdateForm {
  /** Of the issue as it stood when the form was drawn: another number later means that somebody was quicker. */
  revision: number;
  box: WriteBox;
  form: { promises: Choice[]; promiseAt: string; errors: Record<string, string> };
  statuses: Choice[];
  notify: boolean;
  reopens: boolean;
  /** It comes with words: prepared, or as they were typed. */
  begun: boolean;
  /** Of one that opens it again: how many are mailed that it came back. */
  believers: number;
  /** What happened while she wrote; empty where nothing did. */
  meanwhile: string;
}

/** The form to begin with, or as it was typed. */
export async function updateFormOf(
  { db, at }: Pick<Visit, 'db' | 'at'>,
  issue: Issue,
  typed?: { fields: Fields; errors?: Record<string, string>; written?: Written; meanwhile?: string },
): Promise<UpdateForm> {
  const { fields = {}, errors = {}, written = null, meanwhile = '' } = typed ?? {};
  const reopens = isClosed(issue.status);
  const open = statusesOf(issue.kind).filter((status) => !isClosed(status));
  const status = chosen(fields, 'status', open, reopens ? open[0]! : (issue.status as (typeof open)[number]));
  const promise = typedPromise(fields, issue, at);
  return {
    revision: issue.revision,
    box: {
      name: 'message',
      label: reopens ? 'It is not over: what is different?' : 'Say more',
      hint: reopens
        ? 'Everybody who told us believes that it is over. They read this first.'
        : 'What you found out, or honestly that there is nothing new.',
      value: typed
        ? typedText(fields, 'message')
        : reopens || issue.kind === 'maintenance'
          ? ''
          : await wordingOf(db, updateWording(issue.status)),
      lines: 6,
      error: errors.message ?? '',
      occasion: 'update',
      written,
    },
    form: {
      promises: [
        ...(promise === '' ? [{ value: '', label: 'please choose', chosen: true }] : []),
        ...promiseChoices.map((value) => ({ value, label: promiseWords[value], chosen: value === promise })),
      ],
      promiseAt: typedLine(fields, 'next_update_at'),
      errors,
    },
    statuses: open.map((value) => ({ value, label: statusWords(value), chosen: value === status })),
    notify: typedLine(fields, 'notify') === 'yes',
    reopens,
    begun: typed !== undefined,
    believers: reopens ? await countBelievers(db, issue.id, at) : 0,
    meanwhile,
  };
}

/**
 * The promise that a form says; empty where it says none and the one before has run out: whoever broke a promise does
 * not make another by leaving a field as it was.
 */
export function typedPromise(
  fields: Fields,
  { kind, next_update_at }: Pick<Issue, 'kind' | 'next_update_at'>,
  now: Date,
): PromiseChoice | '' {
  const broken = promiseState(next_update_at, now) === 'overdue';
  return chosen<PromiseChoice | ''>(
    fields,
    'next_update',
    promiseChoices,
    broken ? '' : defaultPromise(kind),
  );
}
