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
}

export type ReportField = 'message' | 'email' | 'name' | 'page_url';

/** A form with nothing in it yet but, perhaps, the words she has already typed. */
export function blankForm(message = ''): ReportForm {
  return { message, email: '', name: '', page_url: '', errors: [], notice: '' };
}
