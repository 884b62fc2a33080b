import { type ComponentStatus, worstStatus } from './impact.ts';
import { componentMark, componentWords, type Mark } from './labels.ts';

/** What is open now, counted, and how each part of the service stands. */
export interface Now {
  incidents: number;
  /** Planned work that has begun. */
  works: number;
  bugs: number;
  components: readonly ComponentStatus[];
}

const numbers = ['', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

/** "One thing is broken", "Many things are broken"; for a count of at least one. */
export function brokenWords(incidents: number): string {
  return incidents === 1 ? 'One thing is broken' : `${numbers[incidents] ?? 'Many'} things are broken`;
}

/** How everything stands in a few words, and the sign that goes with them. Says no more than we know. */
export function inShort({ incidents, works, bugs, components }: Now): { mark: Mark; words: string } {
  if (incidents > 0) return { mark: 'broken', words: brokenWords(incidents) };
  const worst = worstStatus(components);
  if (isFault(worst))
    return { mark: componentMark(worst), words: `A part is ${lower(componentWords[worst])}` };
  if (works > 0 || worst !== 'operational') return { mark: 'working', words: 'Planned work under way' };
  return { mark: 'fixed', words: bugs > 0 ? 'Nothing is down' : 'No known problems' };
}

/** Whether a part in this state is at fault, and not only being worked on. */
export function isFault(status: ComponentStatus): boolean {
  return status !== 'operational' && status !== 'under_maintenance';
}

const lower = (words: string) => words.charAt(0).toLowerCase() + words.slice(1);
