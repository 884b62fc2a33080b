import type { EditableField } from './words.ts';

const words: Record<EditableField, [changed: string, added: string]> = {
  message: ['We changed what we had said', 'We added a message'],
  title: ['We changed the title', 'We gave it a title'],
  workaround: ['We changed what to do meanwhile', 'We added what to do meanwhile'],
  impact: ['We changed how serious we think it is', 'We said how serious we think it is'],
  started_at: ['We corrected when it began', 'We said when it began'],
  next_update_at: ['We changed when we promised to say more', 'We promised when to say more'],
  scheduled_for: ['We moved the beginning of the work', 'We said when the work begins'],
  scheduled_until: ['We moved the end of the work', 'We said when the work ends'],
  affected: ['We changed whom we think it reaches', 'We said whom it reaches'],
  fixed_for: ['The fix reached more people', 'We said whom the fix has reached'],
};

/** What we did to something of an issue that was public, or that had not been said at all. */
export function editWords(field: EditableField, wasNothing: boolean): string {
  const [changed, added] = words[field];
  return wasNothing ? added : changed;
}
