import * as z from 'zod';
import { readAddress, whyNoAddress } from '../address.ts';
import type { Traits } from '../domain/affected.ts';
import { traitsIn } from '../domain/affected-text.ts';
import { type ReportField, type ReportForm, usesOf } from '../domain/report-form.ts';
import { cleanLine, cleanText } from '../domain/text.ts';

/** What a customer told us, as we keep it. */
export interface Told {
  /** Empty where words are optional and she said none. */
  message: string;
  email: string | null;
  name: string | null;
  page_url: string | null;
  /** What she told us that she uses; null where she did not. */
  traits: Traits | null;
}

/** Her words as we keep them, or the form as she filled it in with what is wrong beside each field. */
export type ReadForm = { told: Told } | { refused: ReportForm };

/** Reads POST /report: words are required. */
export function readReport(body: unknown): ReadForm {
  return read(reportInput, body, ['message', 'email', 'name', 'page_url']);
}

/** Reads POST /issues/{id}/me-too: everything is optional. */
export function readMeToo(body: unknown): ReadForm {
  return read(meTooInput, body, ['email', 'message']);
}

/** Reads the one field of the address form; empty means that it is to be removed. */
export function readAddressForm(body: unknown): ReadForm {
  return read(addressInput, body, ['email']);
}

const given = z
  .string('We can only take this as text.')
  .nullish()
  .transform((text) => text ?? '');

const tooLong = (max: number) => ({
  error: ({ input }: { input?: unknown }) =>
    `This is ${String(input).length.toLocaleString('en')} characters long, and we can take ${max.toLocaleString('en')}. Please shorten it a little.`,
});

const words = given.transform(cleanText).pipe(z.string().max(5_000, tooLong(5_000)));
const someWords = words.pipe(z.string().min(1, 'Please tell us in a few words what is going wrong.'));

const line = (max: number) =>
  given
    .transform(cleanLine)
    .pipe(z.string().max(max, tooLong(max)))
    .transform((text) => text || null);

const email = given.transform((text, context) => {
  const address = cleanLine(text) === '' ? null : readAddress(text);
  if (address !== null || cleanLine(text) === '') return address;
  return refuse(context, text, `${whyNoAddress(text)} You may also leave the field empty.`);
});

const pageUrl = line(2_000).transform((text, context) => {
  if (text === null) return null;
  const full = /^[a-z0-9.-]+\.[a-z]{2,}(?:[/:?#]|$)/i.test(text) ? `https://${text}` : text;
  if (/^https?:\/\/\S+$/i.test(full) && URL.canParse(full)) return full;
  return refuse(
    context,
    text,
    'We do not recognise this as the address of a page. It should begin with https://, or leave it empty.',
  );
});

function refuse(context: z.core.$RefinementCtx, input: string, message: string): never {
  context.issues.push({ code: 'custom', input, message });
  return z.NEVER;
}

const nothing = z.unknown().transform(() => null);
const reportInput = z.object({ message: someWords, email, name: line(100), page_url: pageUrl });
const meTooInput = z.object({ message: words, email, name: nothing, page_url: nothing });
const addressInput = z.object({
  message: z.unknown().transform(() => ''),
  email,
  name: nothing,
  page_url: nothing,
});

function read(schema: z.ZodType<Omit<Told, 'traits'>>, body: unknown, fields: ReportField[]): ReadForm {
  const raw = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const result = schema.safeParse(pick(raw));
  if (result.success) return { told: { ...result.data, traits: traitsIn(raw) } };
  const { issues } = result.error;
  return {
    refused: {
      ...asTyped(raw),
      errors: fields.flatMap((field) => {
        const wrong = issues.find((issue) => issue.path[0] === field);
        return wrong ? [{ field, message: wrong.message }] : [];
      }),
    },
  };
}

function pick(raw: Record<string, unknown>) {
  const { message, email, name, page_url } = raw;
  return { message, email, name, page_url };
}

/** A form as she filled it in, to give back to her. */
export function asTyped(body: unknown, notice = ''): ReportForm {
  const raw = pick((typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>);
  const text = (value: unknown) => (typeof value === 'string' ? cleanText(value) : '');
  return {
    message: text(raw.message),
    email: text(raw.email),
    name: text(raw.name),
    page_url: text(raw.page_url),
    errors: [],
    notice,
    uses: usesOf(traitsIn(body)),
  };
}
