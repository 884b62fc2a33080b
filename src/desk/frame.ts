import type { Config } from '../config.ts';
import type { Db } from '../db.ts';
import type { Role } from '../domain/words.ts';
import type { Links } from '../links.ts';
import { asset, type Shell } from '../shell.ts';
import { type Address, mayUse } from './rights.ts';

/** What the console is made with. */
export interface DeskParts {
  db: Db;
  config: Config;
  links: Links;
  now: () => Date;
  shell: Shell;
}

/** What every page of the console needs around it; a page's model carries it as `desk`. */
export interface Desk {
  shell: Shell;
  style: string;
  script: string;
  staff: { name: string; role: Role } | null;
  /** Goes into every form. */
  csrf: string;
  may: (address: Address) => boolean;
  /** What is stuck, loudly; empty while all is well. */
  alarm: string;
  /** The alarm can be ended by letting held mail go. */
  held: boolean;
  /** The page's own webhooks that are paused; empty while all is well. */
  hooks: string;
  /** What was done a moment ago. */
  said: string;
  /** Groups of reports that wait. */
  waiting: number;
}

/** What the console's layout reads of a page's model. */
export interface DeskPage {
  desk: Desk;
  /** For the browser's tab and the page's heading. */
  title: string;
  here?: 'today' | 'inbox' | 'issues' | 'lookup' | 'settings' | 'me';
}

const style = asset('desk.css');
const script = asset('desk.js');

/** The frame for one visit. */
export function deskOf(
  shell: Shell,
  staff: { name: string; role: Role } | null,
  csrf: string,
  around: { alarm?: string; held?: boolean; hooks?: string; said?: string; waiting?: number } = {},
): Desk {
  const { alarm = '', held = false, hooks = '', said = '', waiting = 0 } = around;
  return {
    shell,
    style,
    script,
    staff,
    csrf,
    may: (address) => mayUse(address, staff?.role ?? null),
    alarm,
    held,
    hooks,
    said,
    waiting,
  };
}

/** What a page says after a step, by the word that its address carries; nothing else is ever shown from there. */
export const saids: Record<string, string> = {
  saved: 'Saved.',
  posted: 'Said in public.',
  mailed: 'Said in public. The mails about it leave now; “Mails” shows how many are out.',
  promised: 'The promise is moved, and the page shows it. Nobody was mailed.',
  resolved: 'It is over, and everybody who told you is being told.',
  rehearsed: 'A mail to yourself is on its way.',
  again: 'The failed mails are on their way again.',
  undone: 'Taken back.',
  retracted: 'The issue is closed, and its page says that we had opened it by mistake.',
  stays: 'The issue itself stays open and public: others stand under it.',
  leftfixed: 'It stays fixed. It comes back here when enough others say that it does not work.',
  way: 'It stands on the page now.',
  off: 'It is off the page.',
  declined: 'Not published. The customer’s own page says it kindly.',
  reached: 'Said in public, and those whom the fix has reached are being told.',
  merged:
    'The two are one now. If you split them again within two minutes, those who told us hear of neither.',
  split: 'They are two again.',
  noted: 'Noted, for staff alone.',
  linked: 'The alarm belongs to this issue now.',
  away: 'Put away. While it goes on it stays away; if it is over and comes again, it waits here again.',
  back: 'It waits here again.',
  listed: 'On the list: no mail goes to this address any more.',
  lifted:
    'Lifted: mail goes to this address again. What had failed can be sent again from the page of its issue.',
  invited: 'The invitation is on its way.',
  revoked: 'It opens nothing any more.',
  erased: 'Erased.',
  asked: 'If there is an account with this address, a link is on its way to it.',
  out: 'You are signed out.',
  hooked: 'Added. From now on it hears all news; send a test to see whether it arrives.',
  rehooked: 'It hears all news again, from now on.',
  unhooked: 'Removed. Nothing is sent there any more.',
  resumed: 'Mail goes out again.',
};
