import type { Config } from '../config.ts';
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
}

interface ErrorPage extends Page {
  heading: string;
  detail: string;
  again: string;
  status: number;
  /** Whether a code may lead where the link did not. */
  comeBack: boolean;
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
    detail:
      wrong.status === 404 ? `${gone} ${wrong.detail.startsWith(heading) ? '' : wrong.detail}` : wrong.detail,
    again: wrong.retryAfter ? `Please try again in ${wait(wrong.retryAfter)}.` : '',
    status: wrong.status,
    comeBack: wrong.status === 404 && wrong.isOwnPage === true,
  });
}

const gone = 'Perhaps the address was cut off on its way to you, or what stood here is gone.';

function wait(seconds: number): string {
  if (seconds <= 90) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
