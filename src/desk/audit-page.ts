import { Readable } from 'node:stream';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../db.ts';
import type { AuditTable } from '../desk-tables.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { cleanLine, containing } from '../domain/text.ts';
import { view } from '../views.ts';
import type { DeskPage } from './frame.ts';
import { type DeskRoute, look } from './route.ts';

interface AuditPage extends DeskPage {
  section: 'audit';
  q: string;
  rows: {
    at: Moment;
    who: string;
    act: string;
    about: { text: string; href: string | null } | null;
    more: string;
  }[];
  next: string | null;
}

type Row = Selectable<AuditTable>;

const render = view<AuditPage>('desk/audit.eta');
const perPage = 100;
const perRead = 1_000;

/** Who did what and when. */
export const auditRoutes: DeskRoute[] = [
  look('GET /admin/audit', async ({ db, desk, query }) => {
    const q = cleanLine(query.q?.slice(0, 200) ?? '');
    const before = /^\d{1,15}$/.test(query.before ?? '') ? Number(query.before) : null;
    const rows = await search(db, q, before);
    const last = rows.length > perPage ? rows[perPage - 1] : undefined;
    return render({
      desk,
      title: 'Audit',
      here: 'settings',
      section: 'audit',
      q,
      rows: rows.slice(0, perPage).map(toRow),
      next: last ? `?${new URLSearchParams({ ...(q ? { q } : {}), before: String(last.seq) })}` : null,
    });
  }),
  look('GET /admin/audit.jsonl', ({ db }) => ({
    body: Readable.from(asLines(db)),
    type: 'application/x-ndjson; charset=utf-8',
    file: 'audit.jsonl',
  })),
];

/** Newest first; words are looked for in who, what, about which and which address. */
function search(db: Db, q: string, before: number | null): Promise<Row[]> {
  const like = containing(q);
  return db
    .selectFrom('audit')
    .selectAll()
    .$if(before !== null, (query) => query.where('seq', '<', before!))
    .$if(q !== '', (query) =>
      query.where(
        sql<boolean>`(who || ' ' || act || ' ' || coalesce(about, '') || ' ' || coalesce(address, '')) ilike ${like}`,
      ),
    )
    .orderBy('seq', 'desc')
    .limit(perPage + 1)
    .execute();
}

/** Everything, oldest first, one JSON object a line, read in pieces: no reader waits for another. */
async function* asLines(db: Db): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(perRead)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
    yield rows
      .map(({ address, ...row }) => `${JSON.stringify({ ...row, ...(address ? { address } : {}) })}\n`)
      .join('');
  }
}

function toRow({ at, who, act, about, detail, address }: Row): AuditPage['rows'][number] {
  const details = Object.entries(detail).map(
    ([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`,
  );
  return {
    at: moment(at),
    who,
    act,
    about: about === null ? null : { text: about.replace(':', ' '), href: hrefOf(about) },
    more: [...(address ? [address] : []), ...details].join(', '),
  };
}

function hrefOf(about: string): string | null {
  const [kind, id] = about.split(':');
  return kind === 'issue' ? `/admin/issues/${id}` : kind === 'report' ? `/admin/inbox/${id}` : null;
}
