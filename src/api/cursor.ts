import { Refused } from '../errors.ts';

export interface Place {
  at: Date;
  id: string;
}

/** Where a list goes on: after the row made at that time with that id. */
export function readCursor(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  const [, at, id] =
    /^(\d{1,15})\.([0-9a-z]{12})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (at && id && Number(at) < 8.64e15) return { at: new Date(Number(at)), id };
  throw new Refused('The cursor is not one of ours: take next_cursor from the answer before.', [
    { path: 'cursor', message: 'is not a cursor from this list' },
  ]);
}

/** The cursor for going on after that row. */
export function writeCursor({ at, id }: Place): string {
  return Buffer.from(`${at.getTime()}.${id}`).toString('base64url');
}

/** Makes a list's answer of one row more than asked for: the spare one only says that there is more. */
export function listAnswer<Row extends { id: string; created_at: Date }, Item>(
  rows: Row[],
  limit: number,
  items: Item[],
): { data: Item[]; next_cursor: string | null } {
  const last = rows[limit - 1];
  const more = rows.length > limit && last !== undefined;
  return {
    data: items.slice(0, limit),
    next_cursor: more ? writeCursor({ at: last.created_at, id: last.id }) : null,
  };
}
