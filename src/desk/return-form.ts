import type { Db } from '../db.ts';
import { standingWords } from '../domain/labels.ts';
import { issueIn, whyNotReturn } from '../domain/returning.ts';
import { excerpt } from '../domain/text.ts';
import { durationWords } from '../domain/times.ts';
import type { IssueBody } from '../issues/schemas.ts';
import { countReach } from '../people.ts';
import { type Choice, readIssue, type TypedIssue, typedIssue } from './issue-form.ts';
import type { Fields, Visit } from './route.ts';

/** Whether a new issue is the return of one that was over. */
export interface ReturnForm {
  choices: Choice[];
  /** What was pasted where the list does not have it. */
  other: string;
  error: string;
  /** It is the return of one: who is told first, in a sentence. */
  told: string;
}

const mostChoices = 30;

/** The form to begin with, or as it was typed. */
export async function returnFormOf(
  { db, at }: Visit,
  { returnOf }: TypedIssue,
  error = '',
): Promise<ReturnForm> {
  const over = await db
    .selectFrom('issue')
    .select(['id', 'title', 'kind', 'status', 'resolution', 'resolved_at'])
    .where('resolved_at', 'is not', null)
    .where('kind', '<>', 'maintenance')
    .where('merged_into', 'is', null)
    .orderBy('resolved_at', 'desc')
    .limit(mostChoices)
    .execute();
  const id = issueIn(returnOf);
  const isListed = over.some((one) => one.id === id);
  return {
    choices: [
      { value: '', label: 'no, it is new', chosen: !isListed },
      ...over.map((one) => ({
        value: one.id,
        label: `${excerpt(one.title, 80)} (${standingWords(one)}, ${durationWords(at.getTime() - one.resolved_at!.getTime())} ago)`,
        chosen: one.id === id,
      })),
    ],
    other: isListed ? '' : returnOf,
    error,
    told: id === null || error ? '' : toldWords((await countReach(db, id)).reachable),
  };
}

function toldWords(people: number): string {
  if (people === 0) return 'Nobody who told us about it then left an address.';
  const who =
    people === 1
      ? 'One person who told us about it then is'
      : `${people.toLocaleString('en')} people who told us about it then are`;
  return `${who} told first, and asked whether it is back.`;
}

/** What an address of the form for a new issue says that it is the return of, and what that was called. */
export async function returnedIn({ db, query }: Visit): Promise<Partial<TypedIssue>> {
  const old = await findOld(db, query.return_of ?? '');
  return old ? { returnOf: old.id, title: old.title } : {};
}

/** A new issue as the form says it, with what it is the return of; or what is wrong, by field. */
export async function readNewIssue(
  { db, at }: Visit,
  fields: Fields,
): Promise<{ body: IssueBody } | { errors: Record<string, string> }> {
  const read = readIssue(fields, at);
  const { kind, returnOf } = typedIssue(fields);
  if (returnOf === '') return read;
  const old = await findOld(db, returnOf);
  const why = whyNotReturn(old, kind);
  if (why) return { errors: { ...('errors' in read && read.errors), return_of: why } };
  return 'errors' in read ? read : { body: { ...read.body, return_of: old!.id } };
}

function findOld(db: Db, pasted: string) {
  return db
    .selectFrom('issue')
    .select(['id', 'title', 'kind', 'status', 'merged_into'])
    .where('id', '=', issueIn(pasted) ?? '')
    .executeTakeFirst();
}
