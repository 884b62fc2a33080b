import * as z from 'zod';
import type { Db, Trx } from '../../db.ts';
import { containing } from '../../domain/text.ts';
import { NotFound, Refused } from '../../errors.ts';
import { managedComponents, managedIncident } from './manage-shape.ts';
import { type Frame, readFrame, readTold, type Site, type Told, type Wanted } from './read.ts';

const wholeNumber = z.coerce
  .number('must be a whole number')
  .int('must be a whole number')
  .min(0, 'must not be negative');
/** Which rows of a list are wanted; a page has a hundred of them unless fewer are. */
export const paging = z
  .object({
    limit: wholeNumber.optional(),
    per_page: wholeNumber.optional(),
    page: wholeNumber.max(1e6).default(1),
  })
  .transform(({ limit, per_page, page }) => {
    const size = Math.min(limit || per_page || 100, 100);
    return { limit: size, offset: Math.max(0, page - 1) * size };
  });
const search = z.object({
  q: z.string('must be text').max(200, 'must be at most 200 characters').optional(),
});

/** A page of incidents, newest first, of those that hold the words asked for. Throws Refused. */
export async function list(
  db: Db,
  { query, site }: { query: unknown; site: Site },
  wanted: Omit<Wanted, 'limit'>,
) {
  const { q } = check(search, query);
  const words = q ? { containing: containing(q) } : {};
  const frame = await readFrame(db, site);
  const told = await readTold(db, site, { ...wanted, ...words, ...check(paging, query) });
  return told.map((one) => managedIncident(frame, one));
}

/** One incident, shaped. Throws NotFound for one that is not shown either. */
export async function incidentAs<Shape>(
  db: Db | Trx,
  site: Site,
  id: string,
  shape: (frame: Frame, told: Told) => Shape,
): Promise<Shape> {
  const [told] = await readTold(db, site, { of: 'both', id, limit: 1 });
  if (!told) throw new NotFound(`There is no incident ${id}.`);
  return shape(await readFrame(db, site), told);
}

/** One component or group. Throws NotFound. */
export async function oneComponent(db: Db | Trx, site: Site, id: string) {
  const found = managedComponents(await readFrame(db, site)).find((one) => one.id === id);
  if (!found) throw new NotFound(`There is no component ${id}.`);
  return found;
}

/** What was sent, read; throws Refused with a sentence for each field. */
export function check<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const errors = read.error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.slice(issue.path.length > 1 ? 1 : 0).join('.'),
    message: plain(issue),
  }));
  throw new Refused(errors.map(({ path, message }) => `${path} ${message}`).join('; '), errors);
}

/** Instead of the library's words for what is not there, and for a key that is no id. */
function plain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return /received undefined$/.test(issue.message) ? 'is missing' : issue.message;
}
