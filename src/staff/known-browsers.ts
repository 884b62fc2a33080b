import { timingSafeEqual } from 'node:crypto';
import { newSecret } from '../ids.ts';
import type { Links } from '../links.ts';

// A browser from which somebody signed in keeps a mark that only we can make. It opens nothing: it gives that
// person tries of her own, which nobody elsewhere can use up. A desk that several share keeps a few.

const separator = '~';
const most = 5;

/** The marks of a browser once this person signed in from it. */
export function withMark(marks: string | null, staffId: string, links: Links): string {
  const random = newSecret('browser').slice(-22);
  const others = split(marks).filter((mark) => !mark.startsWith(`${staffId}.`));
  return [`${staffId}.${random}.${sealOf(links, staffId, random)}`, ...others].slice(0, most).join(separator);
}

/** The mark of this very person among those of a browser, or null. */
export function markOf(marks: string | null, staffId: string, links: Links): string | null {
  const mark = split(marks).find((one) => one.startsWith(`${staffId}.`));
  const [, random = '', seal = ''] = mark?.split('.') ?? [];
  const want = Buffer.from(sealOf(links, staffId, random));
  const have = Buffer.from(seal);
  return mark && have.length === want.length && timingSafeEqual(have, want) ? mark : null;
}

function split(marks: string | null): string[] {
  return (marks ?? '').slice(0, 1_000).split(separator).filter(Boolean);
}

function sealOf({ bucket }: Links, staffId: string, random: string): string {
  return bucket('browser', `${staffId}.${random}`).slice('browser:'.length);
}
