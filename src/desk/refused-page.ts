import { view } from '../views.ts';
import type { Desk, DeskPage } from './frame.ts';
import type { Fields } from './route.ts';

interface RefusedPage extends DeskPage {
  detail: string;
  /** What was typed, to be sent once more or copied; nothing is lost. */
  typed: { name: string; value: string; words: boolean }[];
  action: string;
  again: boolean;
  /** Something a person typed is among it. */
  hasWords: boolean;
}

const render = view<RefusedPage>('desk/refused.eta');
const secret = /password|csrf|token/i;
/** What a person types; the rest of a form is ours and goes along unseen. */
const wordy = new Set([
  'title',
  'message',
  'workaround',
  'note',
  'list',
  'body',
  'name',
  'email',
  'description',
  'q',
]);

interface Refused {
  status: number;
  detail: string;
  fields: Fields;
  address: string;
  /** Whether sending it once more can ever help. */
  mayHelp?: boolean;
}

/** A form that was not taken: why, and every word of it, ready to be sent again. */
export function refusedPage(
  desk: Desk,
  { status, detail, fields, address, mayHelp = true }: Refused,
): string {
  const typed = Object.entries(fields).flatMap(([name, value]) =>
    secret.test(name) || value === undefined
      ? []
      : [value].flat().map((one) => ({ name, value: String(one), words: wordy.has(name) })),
  );
  return render({
    desk,
    title: headings[status] ?? 'That did not work',
    detail,
    hasWords: typed.some((one) => one.words),
    typed,
    action: address,
    again: typed.length > 0 && status !== 404 && mayHelp,
  });
}

const headings: Record<number, string> = {
  400: 'Not done yet',
  401: 'Please sign in again',
  403: 'Not allowed',
  404: 'There is nothing at this address',
  409: 'Not possible as things stand',
  413: 'Too much at once',
  429: 'Too many at once',
  500: 'Something went wrong on our side',
  503: 'The database does not answer just now',
};
