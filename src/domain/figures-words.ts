import type { Figures } from './figures.ts';

/** The figures there are, in the order in which a customer meets them. */
export const figureNames = [
  'acknowledged',
  'first_update',
  'fixed',
  'told',
  'promises',
  'fixes',
  'people',
  'answers',
] as const satisfies (keyof Figures)[];
export type FigureName = (typeof figureNames)[number];

export const figureTitles: Record<FigureName, string> = {
  acknowledged: 'From the first report to “we know”',
  first_update: 'From the first report to our next word',
  fixed: 'From the first report to the fix',
  told: 'From the fix to the last of you being told',
  promises: 'Promises of a next update',
  fixes: 'Fixes, and whether they hold',
  people: 'Who told us, and who was told',
  answers: 'When we said that it is no fault',
};

/** What each figure means, so that anybody can count it again from the ledger. */
export const definitions: Record<FigureName | 'times' | 'months', string> = {
  months: 'Months are in UTC. A time or a promise belongs to the month in which its clock ended.',
  times:
    'Of each time we say the middle one (half took less, half took longer) and what nine of ten did not exceed. Planned work is no fault and has no times, and neither have issues from before the ledger began or from another page.',
  acknowledged:
    'The time from the first report about an issue to the moment we opened it in public. An issue that was public before anybody reported it is counted apart, as known before, in the month of the first report. Of issues that became one, the one opened first counts.',
  first_update:
    'The time from the first report about an issue to the first update that we gave after that report and after we had opened the issue.',
  fixed:
    'The time from the first report about an issue to the update that closed it as fixed. Of an issue that was opened again only the last fix counts, once it is closed again. Issues that nobody reported before the fix are left out.',
  told: 'The time from the update that closed an issue as fixed to the last mail about it to those who had told us by then, counted when the mail server took it. While such a mail still waits, it is not counted. Mails that failed count under “who was told”.',
  promises:
    'Each “next update by” is one promise. Kept: an update, or the end, came by then. Moved: we changed the time before it ran out, without an update. Broken: it ran out. One that still runs is not counted.',
  fixes:
    'Each closing of an issue as fixed is one fix. Whether it works is asked of everybody who told us; the latest word of each person counts, in the month of the fix. Came back: an issue closed as fixed that we opened again, or that returned as a new one, in the month in which it did.',
  people:
    'For each fix: how many people had told us (one address is one person), how many were mailed that it is fixed, how many could not be (the mail failed, or their address takes no more mail), and how many had left no address. Counted in the month of the fix.',
  answers:
    'How many reports we answered with “not a bug”, “works as designed” or “cannot reproduce”, in the month of the answer, and for how many of them we found out later that the reporter was right, in the month in which we did.',
};
