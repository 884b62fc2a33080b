import type { Standing } from './labels.ts';
import { isClosed, type Resolution, type Status } from './lifecycle.ts';
import type { Verdict } from './words.ts';

/** A short answer, and what follows it. */
export interface Answer {
  short: string;
  more: string;
}

/** Our answer to "is it me?" on the page of one issue. Whatever it is, it blames nobody. */
export function isItMe({ kind, status, resolution }: Standing): Answer {
  if (resolution === 'duplicate' && kind === 'maintenance') return samePlan;
  if (resolution === 'duplicate' || resolution === 'retracted') return closed[resolution];
  if (isClosed(status)) return kind === 'maintenance' ? workIsDone : closed[resolution ?? 'fixed'];
  return open[status] ?? closed.fixed;
}

const no = 'No. This is not your fault. We know about it.';
const open: Partial<Record<Status, Answer>> = {
  investigating: { short: no, more: 'We are looking into it and have not found the cause yet.' },
  identified: { short: no, more: 'We found the cause and are working on a fix.' },
  monitoring: { short: no, more: 'A fix is in. We are watching whether it holds.' },
  scheduled: {
    short: 'Not yet. This is work we have planned.',
    more: 'It has not begun. If something is going wrong for you already, it is something else, and we would like to hear about it.',
  },
  in_progress: { short: 'No, it is us. We are working on this right now.', more: 'We planned this work.' },
  verifying: {
    short: 'No, it is us. The work is done and we are checking it.',
    more: 'It should work again. If it does not, please tell us.',
  },
};

const workIsDone: Answer = {
  short: 'No. This was work we had planned, and it is done.',
  more: 'If something is not right since then, we would like to hear about it.',
};

const samePlan: Answer = {
  short: 'No. This is work we had planned, and it is part of other planned work.',
  more: 'We go on with it there; see what we said below.',
};

const closed: Record<Resolution, Answer> = {
  fixed: { short: 'It is fixed. It was not your fault.', more: '' },
  wont_fix: {
    short: 'No. This is not your fault, but we will not change it.',
    more: 'We looked into it and decided to leave it as it is. Why, we say below.',
  },
  not_reproducible: {
    short: 'We do not know. We tried and could not make it happen here.',
    more: 'That does not mean that it did not happen to you.',
  },
  duplicate: {
    short: 'No. This is not your fault. It is the same as another problem we know.',
    more: 'We go on with it there; see what we said below.',
  },
  retracted: {
    short: 'We had opened this by mistake and took it back.',
    more: 'If something is going wrong for you, please tell us: a person will read it.',
  },
};

/** How staff's verdict on a report is put to the person who made it. */
export const verdictWords: Record<Verdict, string> = {
  explained: 'Here is our answer.',
  not_a_bug: 'We looked into it and did not find a fault.',
  works_as_designed: 'This is how we built it. That does not mean it has to stay so, and your view counts.',
  need_more: 'We need to know a little more to find it.',
  not_reproducible:
    'We tried and could not make it happen here. That does not mean that it did not happen to you.',
};
