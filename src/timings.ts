import { channel } from 'node:diagnostics_channel';

// How long things took, for whoever listens (src/metrics.ts). Nothing is measured while nobody does.

export type Statement = 'select' | 'insert' | 'update' | 'delete' | 'other';

/** One query of the database: only its kind, never its text. */
export interface QueryTiming {
  statement: Statement;
  seconds: number;
}
export const queryTimings = channel('candor:query');

/** One page or mail made from a view. */
export interface RenderTiming {
  view: string;
  seconds: number;
}
export const renderTimings = channel('candor:render');

/** Tells whoever listens how long `work` took to make a view. */
export function timeRender(view: string, work: () => string): string {
  if (!renderTimings.hasSubscribers) return work();
  const began = performance.now();
  try {
    return work();
  } finally {
    renderTimings.publish({ view, seconds: (performance.now() - began) / 1_000 } satisfies RenderTiming);
  }
}

/** Tells whoever listens how long a query took. */
export function noteQuery(text: string, milliseconds: number): void {
  if (!queryTimings.hasSubscribers) return;
  queryTimings.publish({ statement: kindOf(text), seconds: milliseconds / 1_000 } satisfies QueryTiming);
}

/** A statement that begins with `with` is what it does in the end, or a part of it changes something. */
function kindOf(text: string): Statement {
  const [, first = ''] = /^\s*(\w+)/.exec(text) ?? [];
  const word = first.toLowerCase();
  if (word === 'with') {
    const [, change = 'select'] = /\b(insert|update|delete)\s+(?!skip|of\b|nowait)/i.exec(text) ?? [];
    return change.toLowerCase() as Statement;
  }
  return ['select', 'insert', 'update', 'delete'].includes(word) ? (word as Statement) : 'other';
}
