import { type Moment, moment } from '../domain/moment.ts';
import { view } from '../views.ts';
import type { Made } from './prepare.ts';

const render = view<{ at: Moment }>('partials/known-at.eta');

/** An answer from before, which says since when we know nothing newer: a page in words, everything in a header. */
export function withItsAge({ headers, body }: Made, knownAt: number): Made {
  const at = new Date(knownAt);
  const rest = headers.filter(([name]) => !['etag', 'last-modified'].includes(name.toLowerCase()));
  const isPage = headers.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /^text\/html/.test(value),
  );
  return {
    headers: [...rest, ['x-known-at', at.toISOString()]],
    body: isPage ? Buffer.from(sayAge(body.toString('utf8'), moment(at))) : body,
  };
}

function sayAge(html: string, at: Moment): string {
  const said = render({ at });
  return html.replace(/<main\b[^>]*>/, (main) => `${main}\n${said}`);
}
