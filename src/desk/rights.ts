import { type Role, roles } from '../domain/words.ts';

/** Who may come in: everybody (the door itself), or staff from this role on. */
export type Need = 'everybody' | Role;

interface Right {
  needs: Need;
  /** How the audit names it; every address that changes something has one. */
  act?: string;
}

/**
 * Every address of the console and who may use it. There is no other way to put a route under /admin: its name must
 * stand here, or the code does not compile.
 */
export const rights = {
  // The door.
  'GET /admin/sign-in': { needs: 'everybody' },
  'POST /admin/sign-in': { needs: 'everybody', act: 'signed in' },
  'GET /admin/forgotten': { needs: 'everybody' },
  'POST /admin/forgotten': { needs: 'everybody', act: 'asked for a link to sign in' },
  'GET /admin/join/:token': { needs: 'everybody' },
  'POST /admin/join/:token': { needs: 'everybody', act: 'set a password' },
  'GET /admin/sso': { needs: 'everybody' },
  'GET /admin/sso/back': { needs: 'everybody' },
  'POST /admin/sign-out': { needs: 'reader', act: 'signed out' },
  'POST /admin/sign-out-everywhere': { needs: 'reader', act: 'signed out everywhere' },
  'GET /admin/me': { needs: 'reader' },
  'POST /admin/me': { needs: 'reader', act: 'changed the own account' },

  // What is to be done.
  'GET /admin': { needs: 'reader' },
  'GET /admin/inbox': { needs: 'reader' },
  'GET /admin/inbox/:group': { needs: 'reader' },
  'POST /admin/inbox/:group/link': { needs: 'support', act: 'linked reports' },
  'POST /admin/inbox/:group/spam': { needs: 'support', act: 'marked reports as spam' },
  'GET /admin/inbox/:group/answer': { needs: 'support' },
  'POST /admin/inbox/:group/answer': { needs: 'support', act: 'answered reports' },
  'GET /admin/inbox/:group/after-all': { needs: 'support' },
  'POST /admin/inbox/:group/after-all': { needs: 'support', act: 'linked an answered report' },
  'GET /admin/right': { needs: 'reader' },
  'GET /admin/inbox/:group/acknowledge': { needs: 'support' },
  'POST /admin/inbox/:group/acknowledge': { needs: 'support', act: 'acknowledged an issue' },
  'POST /admin/deeds/:id/undo': { needs: 'support', act: 'took a step back' },
  'GET /admin/lookup': { needs: 'reader' },
  'POST /admin/lookup': { needs: 'support', act: 'added a reporter' },
  'GET /admin/drafts': { needs: 'reader' },
  'POST /admin/drafts/:id/link': { needs: 'support', act: 'linked an alarm to an issue' },
  'POST /admin/drafts/:id/dismiss': { needs: 'support', act: 'put an alarm away' },
  'POST /admin/drafts/:id/back': { needs: 'support', act: 'brought an alarm back' },
  'POST /admin/preview': { needs: 'reader', act: 'looked at a preview' },

  // Issues.
  'GET /admin/issues': { needs: 'reader' },
  'GET /admin/issues/new': { needs: 'support' },
  'POST /admin/issues/new': { needs: 'support', act: 'opened an issue' },
  'GET /admin/issues/:id': { needs: 'reader' },
  'POST /admin/issues/:id/updates': { needs: 'support', act: 'posted an update' },
  'POST /admin/issues/:id/promise': { needs: 'support', act: 'moved a promise' },
  'GET /admin/issues/:id/resolve': { needs: 'support' },
  'POST /admin/issues/:id/resolve': { needs: 'support', act: 'closed an issue' },
  'POST /admin/issues/:id/reach': { needs: 'support', act: 'said that a fix reaches more people' },
  'POST /admin/issues/:id/rehearsal': { needs: 'support', act: 'sent a draft to themselves' },
  'POST /admin/issues/:id/letter': { needs: 'reader', act: 'looked at a mail' },
  'GET /admin/issues/:id/edit': { needs: 'support' },
  'POST /admin/issues/:id/edit': { needs: 'support', act: 'edited an issue' },
  'GET /admin/issues/:id/updates/:update': { needs: 'support' },
  'POST /admin/issues/:id/updates/:update': { needs: 'support', act: 'edited an update' },
  'POST /admin/issues/:id/notes': { needs: 'support', act: 'wrote a note' },
  'GET /admin/issues/:id/answered': { needs: 'support' },
  'POST /admin/issues/:id/answered': { needs: 'support', act: 'linked answered reports' },
  'POST /admin/issues/:id/doubts': { needs: 'support', act: 'left an issue fixed' },
  'GET /admin/ways': { needs: 'reader' },
  'GET /admin/ways/:id': { needs: 'reader' },
  'POST /admin/ways/:id/publish': { needs: 'support', act: 'published a customer’s way around' },
  'POST /admin/ways/:id/change': { needs: 'support', act: 'changed a customer’s way around' },
  'POST /admin/ways/:id/take-off': { needs: 'support', act: 'took a customer’s way around off the page' },
  'POST /admin/ways/:id/decline': { needs: 'support', act: 'declined a customer’s way around' },
  'GET /admin/issues/:id/merge': { needs: 'support' },
  'POST /admin/issues/:id/merge': { needs: 'support', act: 'merged two issues' },
  'POST /admin/issues/:id/split': { needs: 'support', act: 'split two issues again' },
  'GET /admin/issues/:id/reporters': { needs: 'reader' },
  'GET /admin/issues/:id/reporters.csv': { needs: 'support' },
  'POST /admin/issues/:id/reporters': { needs: 'support', act: 'added reporters' },
  'GET /admin/issues/:id/mail': { needs: 'reader' },
  'GET /admin/issues/:id/mail.json': { needs: 'reader' },
  'POST /admin/issues/:id/mail': { needs: 'support', act: 'sent failed mails again' },

  // Mail that goes nowhere.
  'GET /admin/suppressions': { needs: 'support' },
  'POST /admin/suppressions': { needs: 'owner', act: 'put an address on the suppression list' },
  'POST /admin/suppressions/lift': { needs: 'owner', act: 'took an address off the suppression list' },

  // Who wants to hear.
  'GET /admin/subscribers': { needs: 'support' },
  'GET /admin/subscribers.csv': { needs: 'owner' },
  'GET /admin/subscribers/import': { needs: 'owner' },
  'POST /admin/subscribers/import': { needs: 'owner', act: 'brought in subscribers' },
  'GET /admin/subscribers/:id': { needs: 'support' },
  'POST /admin/subscribers/:id/leave': { needs: 'owner', act: 'took a subscriber off the list' },
  'POST /admin/subscribers/:id/erase': { needs: 'owner', act: 'erased a subscriber' },

  // Rule.
  'GET /admin/staff': { needs: 'owner' },
  'POST /admin/staff': { needs: 'owner', act: 'invited somebody' },
  'POST /admin/staff/:id': { needs: 'owner', act: 'changed somebody’s account' },
  'GET /admin/tokens': { needs: 'owner' },
  'POST /admin/tokens': { needs: 'owner', act: 'made an API token' },
  'POST /admin/tokens/:id/revoke': { needs: 'owner', act: 'revoked an API token' },
  'GET /admin/components': { needs: 'owner' },
  'POST /admin/components': { needs: 'owner', act: 'added a component' },
  'POST /admin/components/:id': { needs: 'owner', act: 'changed a component' },
  'GET /admin/webhooks': { needs: 'owner' },
  'POST /admin/webhooks': { needs: 'owner', act: 'added a webhook' },
  'GET /admin/webhooks/:id': { needs: 'owner' },
  'POST /admin/webhooks/:id/test': { needs: 'owner', act: 'tested a webhook' },
  'POST /admin/webhooks/:id/resume': { needs: 'owner', act: 'let a webhook go on' },
  'POST /admin/webhooks/:id/nudges': {
    needs: 'owner',
    act: 'chose whether a webhook is reminded of promises',
  },
  'POST /admin/webhooks/:id/remove': { needs: 'owner', act: 'removed a webhook' },
  'GET /admin/wordings': { needs: 'owner' },
  'POST /admin/wordings': { needs: 'owner', act: 'changed a template' },
  'GET /admin/erase': { needs: 'owner' },
  'POST /admin/erase': { needs: 'owner', act: 'erased a person' },
  'POST /admin/sending/resume': { needs: 'owner', act: 'let mail go out again' },
  'GET /admin/audit': { needs: 'owner' },
  'GET /admin/audit.jsonl': { needs: 'owner' },
} as const satisfies Record<`GET /admin${string}`, Right> & Record<`POST /admin${string}`, Required<Right>>;

export type Address = keyof typeof rights;
export type Look = Extract<Address, `GET ${string}`>;
export type Act = Extract<Address, `POST ${string}`>;

/** Whether somebody of this role (null: nobody is signed in) may use it. */
export function mayUse(address: Address, role: Role | null): boolean {
  const { needs } = rights[address];
  if (needs === 'everybody') return true;
  return role !== null && roles.indexOf(role) >= roles.indexOf(needs);
}
