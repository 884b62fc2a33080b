import type { Mark } from '../../domain/labels.ts';

/** A sign beside a state's words, and never instead of them. */
export const signs: Record<Mark, string> = {
  broken: '🔴',
  known: '🟠',
  planned: '🗓️',
  working: '🛠️',
  fixed: '✅',
  closed: '⚪',
};
