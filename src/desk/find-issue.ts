import { NotFound } from '../errors.ts';
import type { Issue } from '../tables.ts';
import type { Visit } from './route.ts';

/** The issue of this address. Throws NotFound. */
export async function findIssue({ db, params }: Pick<Visit, 'db' | 'params'>): Promise<Issue> {
  const issue = await db
    .selectFrom('issue')
    .selectAll()
    .where('id', '=', params.id ?? '')
    .executeTakeFirst();
  if (!issue) throw new NotFound('There is no issue at this address.');
  return issue;
}
