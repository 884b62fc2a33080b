import { type Resolution, resolutions } from '../domain/lifecycle.ts';
import type { Draft } from '../domain/words.ts';
import { Refused } from '../errors.ts';
import { oweRehearsal } from '../notifications/outbox.ts';
import { previewResolved } from '../notifications/preview.ts';
import { writeAudit } from '../staff/audit.ts';
import { chosen, typedText } from './fields.ts';
import { findIssue } from './find-issue.ts';
import { rights } from './rights.ts';
import { act, type DeskRoute, type Fields, type Visit } from './route.ts';

const route = 'POST /admin/issues/:id/rehearsal';

/** The mail that an issue is over, before anybody gets it: to oneself, or on a page. */
export const draftRoutes: DeskRoute[] = [
  act(route, async (visit, fields) => {
    const { id } = await findIssue(visit);
    const draft = draftOf(fields);
    return visit.change(async (trx) => {
      await oweRehearsal(trx, { issueId: id, address: visit.staff.email, draft }, visit.at);
      return { to: `/admin/issues/${id}/resolve?said=rehearsed`, about: `issue:${id}` };
    });
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
export async function sendRehearsal(visit: Visit, issueId: string, draft: Draft): Promise<void> {
  const { db, staff, at } = visit;
  await db.transaction().execute(async (trx) => {
    await oweRehearsal(trx, { issueId, address: staff.email, draft }, at);
    const about = `issue:${issueId}`;
    await writeAudit(trx, { staffId: staff.id, who: staff.name, act: rights[route].act, about }, at);
  });
}

function draftOf(fields: Fields): Draft {
  const message = typedText(fields, 'message');
  if (message === '') throw new Refused('There are no words yet that a mail could carry. Write some first.');
  return { message, resolution: chosen<Resolution>(fields, 'resolution', resolutions, 'fixed') };
}
