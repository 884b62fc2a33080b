import * as z from 'zod';
import { otherLetterIn, readAddress } from '../address.ts';
import { cleanLine, cleanText } from '../domain/text.ts';

// The pieces that request schemas are made of.

export const id = z.string().regex(/^[0-9a-z]{12}$/, 'must be an id: 12 characters of 0-9 and a-z');
export const byId = z.object({ id });

/** An instant, RFC 3339 with any offset, as a Date. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be a time as RFC 3339 has it: 2026-11-21T19:00:00.000Z' })
  .transform((text) => new Date(text))
  .refine(
    (date) => date.getUTCFullYear() >= 1970 && date.getUTCFullYear() < 10_000,
    'must lie between the years 1970 and 9999',
  );

const shorten = (max: number) => `must be at most ${max} characters`;

/** One line of text, cleaned; not empty. */
export const line = (max: number) =>
  z
    .string()
    .max(max, shorten(max))
    .transform(cleanLine)
    .pipe(z.string().min(1, 'must not be empty').max(max, shorten(max)));

/** Text of several lines, cleaned; not empty. */
export const text = (max: number) =>
  z
    .string()
    .max(max, shorten(max))
    .transform(cleanText)
    .pipe(z.string().min(1, 'must not be empty').max(max, shorten(max)));

export const address = z.string().transform((given, context) => {
  const read = readAddress(given);
  if (read) return read;
  const letter = otherLetterIn(given);
  context.issues.push({
    code: 'custom',
    input: given,
    message: `must be a mail address such as ana@example.com${letter ? `; we cannot write to one with letters like “${letter}”` : ''}`,
  });
  return z.NEVER;
});

const oneToHundred = 'must be a whole number from 1 to 100';
export const listQuery = {
  limit: z.coerce
    .number(oneToHundred)
    .int(oneToHundred)
    .min(1, oneToHundred)
    .max(100, oneToHundred)
    .default(50),
  cursor: z.string().max(200).optional(),
};

// The pieces that answers are made of.

export const time = z.iso.datetime();
export const maybeTime = time.nullable();
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });
