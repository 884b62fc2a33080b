import { sql } from 'kysely';
import * as z from 'zod';
import { instant, line, text } from '../api/fields.ts';
import type { Trx } from '../db.ts';
import { impactOf, webLink } from '../domain/alarm.ts';
import type { Impact } from '../domain/impact.ts';
import { cleanLine, excerpt } from '../domain/text.ts';

/** What a monitor says is wrong, or over. */
export interface Alarm {
  source: string;
  /** What the same alarm calls itself each time. */
  key: string;
  firing: boolean;
  title: string;
  message: string;
  impact: Impact;
  componentIds: string[];
  link: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
}

export const longestMessage = 10_000; // characters

/** An alarm in plain words, from any program. */
export const alarmBody = z.strictObject({
  key: line(500),
  title: line(255),
  message: text(longestMessage).nullish(),
  status: z.enum(['firing', 'resolved']).default('firing'),
  severity: line(50).nullish(),
  components: z.array(line(120)).max(100).default([]),
  link: z
    .string()
    .max(2_000)
    .refine((given) => webLink(given) !== null, 'must be an http:// or https:// address')
    .nullish(),
  started_at: instant.nullish(),
  source: line(100).default('api'),
});

/** Shapes the body; components it names that we do not have are told in its words, so that nothing is lost. */
export async function readAlarm(trx: Trx, body: z.output<typeof alarmBody>): Promise<Alarm> {
  const { ids, unknown } = await findComponents(trx, body.components);
  return {
    source: body.source,
    key: body.key,
    firing: body.status === 'firing',
    title: body.title,
    message: withUnknown(body.message ?? '', unknown),
    impact: impactOf(body.severity),
    componentIds: ids,
    link: webLink(body.link),
    startedAt: body.started_at ?? null,
    endedAt: null,
  };
}

/** Our components by their ids or names, whatever the case. */
export async function findComponents(
  trx: Trx,
  named: readonly string[],
): Promise<{ ids: string[]; unknown: string[] }> {
  const wanted = [...new Set(named.map(cleanLine).filter(Boolean))].slice(0, 100);
  if (wanted.length === 0) return { ids: [], unknown: [] };
  const keys = wanted.map((name) => name.toLowerCase());
  const rows = await trx
    .selectFrom('component')
    .select(['id', sql<string>`lower(name)`.as('key')])
    .where((eb) => eb.or([eb('id', 'in', keys), eb(sql<string>`lower(name)`, 'in', keys)]))
    .orderBy('position')
    .orderBy('id')
    .execute();
  const known = new Set(rows.flatMap(({ id, key }) => [id, key]));
  return {
    ids: rows.map(({ id }) => id),
    unknown: wanted.filter((name) => !known.has(name.toLowerCase())),
  };
}

/** Says in the alarm's words which components it named that we do not have. */
export function withUnknown(message: string, unknown: readonly string[]): string {
  const note =
    unknown.length === 0 ? '' : `It names what is no component here: ${excerpt(unknown.join(', '), 300)}`;
  return [message, note].filter(Boolean).join('\n\n');
}
