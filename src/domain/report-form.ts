import type { Traits } from './affected.ts';
import { traitsWords } from './affected-words.ts';

/** The fields a customer can fill in, and what is wrong with them; the views draw forms from this. */
export interface ReportForm {
  message: string;
  email: string;
  name: string;
  page_url: string;
  /** Each wrong field with what would help, in the order of the form. */
  errors: { field: ReportField; message: string }[];
  /** Why it was not taken, where no field is to blame. */
  notice: string;
  /** What she had told us that she uses, carried along unseen, and in words; null where she had not. */
  uses: { fields: [name: string, value: string][]; words: string } | null;
}

export type ReportField = 'message' | 'email' | 'name' | 'page_url';

/** A form with nothing in it yet but, perhaps, the words she has already typed. */
export function blankForm(message = '', traits: Traits | null = null): ReportForm {
  return { message, email: '', name: '', page_url: '', errors: [], notice: '', uses: usesOf(traits) };
}

/** What she uses as a form carries it. */
export function usesOf(traits: Traits | null): ReportForm['uses'] {
  const fields = Object.entries(traits ?? {});
  return fields.length > 0 ? { fields, words: traitsWords(traits) } : null;
}
