import * as z from 'zod';
import { traits } from '../api/conditions.ts';
import { address, id, line, maybeTime, text, time } from '../api/fields.ts';
import { kinds, statuses } from '../domain/lifecycle.ts';
import { reportStates, verdicts } from '../domain/words.ts';

export const reportEntry = z.strictObject({
  email: address,
  message: text(5_000).nullish(),
  name: line(100).nullish(),
  source: line(100).nullish(),
  traits: traits.nullish(),
});
export type ReportEntry = z.output<typeof reportEntry>;

/** One report, or up to 10,000; each of the array is checked by itself, so that one bad line refuses only itself. */
export const reportsBody = z.union([
  z
    .array(z.unknown())
    .min(1, 'must hold at least one report')
    .max(10_000, 'must hold at most 10,000 reports'),
  reportEntry,
]);

export const added = z.object({
  added: z.int(),
  already_there: z.int(),
  rejected: z.array(z.object({ index: z.int(), reason: z.string() })),
});
export type Added = z.output<typeof added>;

export const linkBody = z.strictObject({ issue_id: id });
export const answerBody = z.strictObject({ verdict: z.enum(verdicts), message: text(10_000) });

export const reportAnswer = z.object({
  id: z.string(),
  state: z.enum(reportStates),
  source: z.string(),
  issue_id: z.string().nullable(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  message: z.string().nullable(),
  page_url: z.string().nullable(),
  created_at: time,
  linked_at: maybeTime,
  verdict: z.enum(verdicts).nullable(),
  answer: z.string().nullable(),
  answered_at: maybeTime,
  /** When it turned out that she was right, and our answer was not. */
  was_right_at: maybeTime,
  /** What she uses, as far as she told us. */
  traits: traits.nullable(),
  /** Her word on the fix, once the issue was over. */
  worked: z.boolean().nullable(),
  worked_comment: z.string().nullable(),
  worked_at: maybeTime,
});

export const reportWithMatches = reportAnswer.extend({
  matches: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: z.enum(statuses),
      kind: z.enum(kinds),
      url: z.string(),
      score: z.number(),
    }),
  ),
});
