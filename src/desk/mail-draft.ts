import { type Resolution, resolutions } from '../domain/lifecycle.ts';
import type { Draft } from '../domain/words.ts';
import { Refused } from '../errors.ts';
import { oweRehearsal } from '../notifications/outbox.ts';
import { previewResolved } from '../notifications/preview.ts';
import { linesOf, readLines, typedLines } from './affected-form.ts';
import { chosen, typedText } from './fields.ts';
import { findIssue } from './find-issue.ts';
import { act, type DeskRoute, type Fields, type Outcome, type Visit } from './route.ts';

const route = 'POST /admin/issues/:id/rehearsal';

/** The mail that an issue is over, before anybody gets it: to oneself, or on a page. */
export const draftRoutes: DeskRoute[] = [
  act(route, async (visit, fields) => {
    const { id } = await findIssue(visit);
    return sendRehearsal(visit, id, draftOf(fields));
  }),
  act('POST /admin/issues/:id/letter', async (visit, fields) => {
    const { id } = await findIssue(visit);
    const letter = await previewResolved(visit.db, visit.config, visit.links, id, draftOf(fields), visit.at);
    // A mail carries its style with it; this page is that mail and nothing else.
    visit.reply.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    return { page: letter.html };
  }),
];

/**
 * Mails a draft to whoever wrote it, with its line in the audit, from within another act, which changes nothing by
 * it. Twice is two mails.
 */
export async function sendRehearsal(visit: Visit, issueId: string, draft: Draft): Promise<Outcome> {
  return visit.change(async (trx) => {
    await oweRehearsal(trx, { issueId, address: visit.staff.email, draft }, visit.at);
    return { to: `/admin/issues/${issueId}/resolve?said=rehearsed`, about: `issue:${issueId}`, as: route };
  });
}

function draftOf(fields: Fields): Draft {
  const draft = typedDraft(fields);
  if (draft.message === '')
    throw new Refused('There are no words yet that a mail could carry. Write some first.');
  return draft;
}

/** How it ended and what is said about it, as it was typed. */
export function typedDraft(fields: Fields): Draft {
  const resolution = chosen<Resolution>(fields, 'resolution', resolutions, 'fixed');
  const read = readLines(typedLines(fields, 'fixed_for') ?? linesOf(null), 'fixed_for');
  return {
    message: typedText(fields, 'message'),
    resolution,
    ...(resolution === 'fixed' && 'conditions' in read ? { fixed_for: read.conditions } : {}),
  };
}
