import type { Condition, Traits } from '../domain/affected.ts';
import type { Impact } from '../domain/impact.ts';
import type { Kind, Resolution, Status } from '../domain/lifecycle.ts';
import type { Nudge } from '../domain/promise.ts';
import type { StaffLinkPurpose, Verdict } from '../domain/words.ts';

/** What a mail is about, as it stands now. Nothing a visitor typed is in it. */
export type Matter =
  | ReporterMatter
  | SubscriberMatter
  | ConfirmMatter
  | HookPausedMatter
  | InvitationMatter
  | NudgeMatter
  | RehearsalMatter;

/** What somebody was told of an earlier end of an issue: that it is over, or that it was opened again since. */
export type ToldBefore = 'over' | 'back' | null;

export interface ReporterMatter {
  for: 'reporter';
  reportId: string;
  reportedAt: Date;
  verdict: Verdict | null;
  answer: string | null;
  answeredAt: Date | null;
  issue: IssueMatter | null;
  /** What the problem was called where she told us, before it was merged into this issue. */
  cameFrom: string | null;
  /** The title of the other issue of a merge or a split. */
  other: string | null;
  update: { status: Status; message: string } | null;
  /** She subscribes too, and this one mail is for both. */
  subscriberId: string | null;
  /** What she told us that she uses, report by report, newest first. */
  uses: Traits[];
  /** The fix reached more people since this mail was owed. */
  wentOn: boolean;
  /** We had told her that it is fixed for some, and this is the word that it has reached her. */
  toldSome: boolean;
  /** The last that we had told her of an earlier end: that it is over, or that it was opened again since. */
  toldBefore: ToldBefore;
}

export interface IssueMatter {
  id: string;
  kind: Kind;
  title: string;
  status: Status;
  workaround: string | null;
  resolution: Resolution | null;
  resolvedAt: Date | null;
  nextUpdateAt: Date | null;
  /** Whom its fix has reached so far; null: everybody. */
  fixedFor: Condition[] | null;
}

/** News to somebody who asked to hear. */
export interface SubscriberMatter {
  for: 'subscriber';
  subscriberId: string;
  issue: IssueMatter & { impact: Impact; scheduledFor: Date | null; scheduledUntil: Date | null };
  /** The names of the components it touches. */
  parts: string[];
  /** The last that we had told her of an earlier end. */
  toldBefore: ToldBefore;
  /** The title of the issue it was merged into. */
  followedAt: { id: string; title: string } | null;
  update: { status: Status; message: string } | null;
}

/** Whether the owner of an address wants to hear at all. */
export interface ConfirmMatter {
  for: 'confirm';
  subscriberId: string;
  /** She does already, and asked again. */
  hears: boolean;
  /** Staff or a program gave us the address; nobody typed it at the page. */
  listed: boolean;
}

/** That nothing is sent to a webhook any more, to whoever added it. */
export interface HookPausedMatter {
  for: 'hook_paused';
  hookId: string;
  /** Null: one of the page's own. */
  subscriberId: string | null;
  name: string;
  host: string;
  /** What came back the last time, in our words. */
  error: string;
  /** Null where it said at once that it is gone. */
  failingSince: Date | null;
}

/** A link that lets somebody of staff in. */
export interface InvitationMatter {
  for: 'invitation';
  linkId: string;
  purpose: StaffLinkPurpose;
  invitedBy: string | null;
  expiresAt: Date;
}

/** That a promise runs out soon, or has run out, to staff. */
export interface NudgeMatter {
  for: 'nudge';
  nudge: Nudge;
  promisedAt: Date;
  issue: { id: string; kind: Kind; title: string; status: Status };
  /** Who told us, and who else follows it. */
  people: number;
  listeners: number;
  /** What we said last. */
  last: { message: string; at: Date } | null;
}

/** The mail that reporters would get, to the one who wrote it: about the issue as it would be. */
export interface RehearsalMatter {
  for: 'rehearsal';
  mail: ReporterMatter & { issue: IssueMatter };
}

export type Unwanted = { state: 'cancelled' | 'suppressed'; reason: string };
