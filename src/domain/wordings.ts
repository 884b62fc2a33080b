import { type Kind, kinds, type Status } from './lifecycle.ts';
import { type Verdict, verdicts } from './words.ts';

const updateKeys = ['update', 'update:fixing', 'update:watching'] as const;

/** What a form of the console begins with, so that nobody starts at an empty field on a bad day. */
export type WordingKey =
  | `acknowledge:${Kind}`
  | `answer:${Verdict}`
  | (typeof updateKeys)[number]
  | 'resolved';

export const wordingKeys: readonly WordingKey[] = [
  ...kinds.map((kind) => `acknowledge:${kind}` as const),
  ...updateKeys,
  'resolved',
  ...verdicts.map((verdict) => `answer:${verdict}` as const),
];

/** Where a wording is used, for whoever edits it. */
export const wordingUses: Record<WordingKey, string> = {
  'acknowledge:bug': 'The first words about a new bug',
  'acknowledge:incident': 'The first words about a new incident',
  'acknowledge:maintenance': 'The first words about planned work',
  update: 'An update while we look for the cause',
  'update:fixing': 'An update while we work on the fix',
  'update:watching': 'An update while we watch whether it holds',
  resolved: 'The word that it is over',
  'answer:explained': 'An answer: here is how',
  'answer:not_a_bug': 'An answer: we found no fault',
  'answer:works_as_designed': 'An answer: we built it this way',
  'answer:need_more': 'An answer: we need to know more',
  'answer:not_reproducible': 'An answer: we could not make it happen',
};

export const defaultWordings: Record<WordingKey, string> = {
  'acknowledge:bug':
    'We know about this, and it is not your fault. We have not found the cause yet.\n\nUntil it is fixed you do not have to do anything. If we find a way around it, it will stand here.',
  'acknowledge:incident':
    'This does not work right now, and it is not your fault. Nothing you did has caused it.\n\nWe are looking for the cause. You do not have to do anything meanwhile.',
  'acknowledge:maintenance': 'We are going to work on this. What you will notice of it: ',
  update: 'We have not found the cause yet. What we have ruled out since our last update: ',
  'update:fixing': 'We are working on the fix. What we have done since our last update: ',
  'update:watching': 'The fix is in, and we are watching whether it holds. What we have seen so far: ',
  resolved: 'It works again. The cause was ',
  'answer:explained':
    'Thank you for asking. This is how: \n\nIf that does not help, answer on your page, and I will look again.',
  'answer:not_a_bug':
    'Thank you for telling us. I looked into it with what you wrote, and found that the program did what it was asked to do. It is easy to see why it looked wrong: \n\nWhat I would try next: \n\nIf it still looks wrong to you after that, answer on this page, and I will look again.',
  'answer:works_as_designed':
    'Thank you for telling us. It works this way on purpose, for this reason: \n\nThat may not be what you need, and your view counts: I have passed it on to the people who decide about it. What you can do until then: ',
  'answer:need_more':
    'Thank you for telling us. I want to find this, and I need one more thing from you: \n\nPlease answer on your page; the link is below.',
  'answer:not_reproducible':
    'Thank you for telling us. I tried it the way you describe and could not make it happen here. That does not mean that it did not happen to you.\n\nWhat would help me find it: \n\nIf it happens again, please write me the time. I will look at our records for that minute.',
};

/** What an update begins with while an issue stands so. */
export function updateWording(status: Status): WordingKey {
  if (status === 'identified' || status === 'in_progress') return 'update:fixing';
  return status === 'monitoring' || status === 'verifying' ? 'update:watching' : 'update';
}

/** Whether somebody is about to say a beginning that waits for its end: ours, with nothing added where it is open. */
export function isUnfinished(message: string, wording: string): boolean {
  return message.trim() === wording.trim() && /(?::|\b(?:was|is|by))[ \t]*(?:\n|$)/.test(wording.trim());
}
