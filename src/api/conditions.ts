import * as z from 'zod';
import { type Condition, traitNames } from '../domain/affected.ts';
import {
  inOrder,
  longestWord,
  mostConditions,
  mostWords,
  wrongWithCondition,
} from '../domain/affected-rules.ts';
import { line } from './fields.ts';

const word = line(longestWord);

const condition = z
  .strictObject({
    trait: z.enum(traitNames),
    any_of: z
      .array(word)
      .min(1, 'must name at least one')
      .max(mostWords, `must name at most ${mostWords}`)
      .optional(),
    from: word.optional(),
    before: word.optional(),
  })
  .superRefine((given, context) => {
    const wrong = wrongWithCondition(given as Condition);
    if (wrong) context.addIssue({ code: 'custom', path: [wrong.path], message: wrong.message });
  });

/** Whom a problem, or its fix, reaches: a condition a trait, and whoever fits all is reached. */
export const conditions = z
  .array(condition)
  .min(1, 'must name a condition; null means everybody')
  .max(mostConditions, `must hold at most ${mostConditions} conditions`)
  .refine((all) => new Set(all.map(({ trait }) => trait)).size === all.length, 'names a trait twice')
  .transform((all) => inOrder(all as Condition[])!);

/** What one person uses, in her words. */
export const traits = z.strictObject({
  version: word.optional(),
  browser: word.optional(),
  region: word.optional(),
  plan: word.optional(),
  since: word.optional(),
});

/** The same as answered. */
export const conditionsAnswer = z
  .array(
    z.object({
      trait: z.enum(traitNames),
      any_of: z.array(z.string()).optional(),
      from: z.string().optional(),
      before: z.string().optional(),
    }),
  )
  .nullable();
