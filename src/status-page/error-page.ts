import type { Config } from '../config.ts';
import { cleanText } from '../domain/text.ts';
import { type Page, shellOf } from '../shell.ts';
import { view } from '../views.ts';

/** What went wrong, as app.ts knows it. */
export interface Wrong {
  status: number;
  title: string;
  detail: string;
  /** Seconds. */
  retryAfter?: number | undefined;
  /** She asked for a page of her own. */
  isOwnPage?: boolean;
  /** She sent a form, which was not taken. */
  sent?: { to: string; body: unknown } | undefined;
}

/** A form given back as it was sent, to be sent once more. */
interface GivenBack {
  to: string;
  heading: string;
  fields: { field: string; label: string; lines: number; form: Record<string, unknown> }[];
  rest: [name: string, value: string][];
}

interface ErrorPage extends Page {
  heading: string;
  detail: string;
  wait: string;
  status: number;
  /** Whether a code may lead where the link did not. */
  comeBack: boolean;
  /** Whether a report could be kept now. */
  mayTell: boolean;
  again: GivenBack | null;
}

const render = view<ErrorPage>('error.eta');

const headings: Record<number, string> = {
  400: 'We did not understand that',
  404: 'There is nothing at this address',
  405: 'That does not work at this address',
  409: 'That is not possible as things stand',
  413: 'That was too much at once',
  429: 'That was a lot at once',
  500: 'Something went wrong on our side',
  503: 'We cannot reach our own records right now',
};

/** The page for an answer that is an error: what happened, that it is not her fault, where to go from here. */
export function errorPage(config: Config, wrong: Wrong): string {
  const heading = headings[wrong.status] ?? wrong.title;
  return render({
    shell: shellOf(config),
    personSaid: true,
    title: heading,
    heading,
    detail: detailOf(wrong, heading),
    wait: wrong.retryAfter ? `Please try again in ${wait(wrong.retryAfter)}.` : '',
    status: wrong.status,
    comeBack: wrong.status === 404 && wrong.isOwnPage === true,
    mayTell: wrong.status !== 503,
    again: wrong.sent && mayPass.includes(wrong.status) ? giveBack(wrong.sent) : null,
  });
}

const gone = 'Perhaps the address was cut off on its way to you, or what stood here is gone.';
const notAtHand =
  'This is a page that we have to look up first, and just now we cannot. That is our fault, and we are on it. What is broken right now can be seen all the same.';
/** What may go well a little later. */
const mayPass = [429, 500, 503];

function detailOf({ status, detail, sent }: Wrong, heading: string): string {
  if (status === 404) return `${gone} ${detail.startsWith(heading) ? '' : detail}`;
  return status === 503 && !sent ? notAtHand : detail;
}

/** What people type into our forms; the rest goes along unseen. */
const typed: Record<string, { label: string; lines: number }> = {
  message: { label: 'Your words', lines: 6 },
  comment: { label: 'Your words', lines: 4 },
  offer: { label: 'What one can do', lines: 4 },
  credit: { label: 'Whom we may thank', lines: 1 },
  email: { label: 'Your mail address', lines: 1 },
  name: { label: 'Your name', lines: 1 },
  code: { label: 'Your code', lines: 1 },
};
const secret = /password|csrf|token/i;
const mostFields = 100;

function giveBack({ to, body }: NonNullable<Wrong['sent']>): GivenBack {
  const given = Object.entries(typeof body === 'object' && body !== null ? body : {})
    .flatMap(([name, value]) => [value].flat().map((one): [string, unknown] => [name, one]))
    .flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && !secret.test(name) ? [[name, cleanText(value)]] : [],
    )
    .slice(0, mostFields);
  const fields = given.flatMap(([field, value]) =>
    Object.hasOwn(typed, field) ? [{ field, ...typed[field]!, form: { errors: [], [field]: value } }] : [],
  );
  const isTyped = fields.some(({ field, form }) => form[field] !== '');
  return {
    to: to.replace(/^[/\\]+/, '/'), // never another host
    heading: isTyped ? 'What you wrote is still here' : 'Once more?',
    fields,
    rest: given.filter(([name]) => !Object.hasOwn(typed, name)),
  };
}

function wait(seconds: number): string {
  if (seconds <= 90) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
