import { acknowledgeRoutes } from './acknowledge.ts';
import { afterAllRoutes } from './after-all.ts';
import { answerRoutes } from './answer.ts';
import { auditRoutes } from './audit-page.ts';
import { componentsRoutes } from './components-page.ts';
import { doorRoutes } from './door.ts';
import { forgottenRoutes } from './door-forgotten.ts';
import { joinRoutes } from './door-join.ts';
import { ssoRoutes } from './door-sso.ts';
import { doubtsRoutes } from './doubts.ts';
import { draftsRoutes } from './drafts.ts';
import { editIssueRoutes } from './edit-issue.ts';
import { editUpdateRoutes } from './edit-update.ts';
import { eraseRoutes } from './erase.ts';
import { groupRoutes } from './group.ts';
import { inboxRoutes } from './inbox.ts';
import { issueRoutes } from './issue.ts';
import { issuesRoutes } from './issues.ts';
import { lookupRoutes } from './lookup.ts';
import { draftRoutes, mailRoutes } from './mail.ts';
import { meRoutes } from './me.ts';
import { mergeRoutes } from './merge-page.ts';
import { movePromiseRoutes } from './move-promise.ts';
import { peopleRoutes } from './people.ts';
import { postUpdateRoutes } from './post-update.ts';
import { previewRoutes } from './preview.ts';
import { reachRoutes } from './reach.ts';
import { reportersRoutes } from './reporters.ts';
import { resolveRoutes } from './resolve.ts';
import { rightRoutes } from './right.ts';
import type { DeskRoute } from './route.ts';
import { sendingRoutes } from './sending.ts';
import { subscriberRoutes } from './subscriber.ts';
import { subscribersRoutes } from './subscribers.ts';
import { subscribersImportRoutes } from './subscribers-import.ts';
import { suppressionsRoutes } from './suppressions.ts';
import { todayRoutes } from './today.ts';
import { tokenRoutes } from './tokens-page.ts';
import { undoRoutes } from './undo.ts';
import { waysRoutes } from './ways.ts';
import { webhooksRoutes } from './webhooks-page.ts';
import { wordingsRoutes } from './wordings-page.ts';

/** Every page and every act of the console; test/desk/rights.test.ts holds it against the table of rights. */
export const deskRoutes: DeskRoute[] = [
  ...doorRoutes,
  ...forgottenRoutes,
  ...joinRoutes,
  ...ssoRoutes,
  ...mailRoutes,
  ...draftRoutes,
  ...meRoutes,
  ...mergeRoutes,
  ...movePromiseRoutes,
  ...peopleRoutes,
  ...tokenRoutes,
  ...acknowledgeRoutes,
  ...editIssueRoutes,
  ...editUpdateRoutes,
  ...issueRoutes,
  ...doubtsRoutes,
  ...postUpdateRoutes,
  ...resolveRoutes,
  ...reachRoutes,
  ...todayRoutes,
  ...issuesRoutes,
  ...waysRoutes,
  ...previewRoutes,
  ...reportersRoutes,
  ...componentsRoutes,
  ...webhooksRoutes,
  ...wordingsRoutes,
  ...eraseRoutes,
  ...sendingRoutes,
  ...auditRoutes,
  ...answerRoutes,
  ...afterAllRoutes,
  ...rightRoutes,
  ...groupRoutes,
  ...inboxRoutes,
  ...undoRoutes,
  ...draftsRoutes,
  ...suppressionsRoutes,
  ...lookupRoutes,
  ...subscribersRoutes,
  ...subscribersImportRoutes,
  ...subscriberRoutes,
];
