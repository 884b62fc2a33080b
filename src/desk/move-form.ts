import { type PromiseChoice, promiseChoices, promiseWords } from '../domain/promise.ts';
import { chosen, typedLine } from './fields.ts';
import type { Choice } from './issue-form.ts';
import type { Fields } from './route.ts';

/** The form that moves a promise without saying anything. */
export interface MoveForm {
  promises: Choice[];
  promiseAt: string;
  error: string;
}

/** Dropping a promise is said in an update, so it is not offered here. */
export const moveChoices = promiseChoices.filter((choice) => choice !== 'none');

/** The form to begin with, or as it was typed. */
export function moveFormOf(fields: Fields = {}, error = ''): MoveForm {
  const picked: PromiseChoice = chosen(fields, 'next_update', moveChoices, '1h');
  return {
    promises: moveChoices.map((value) => ({ value, label: promiseWords[value], chosen: value === picked })),
    promiseAt: typedLine(fields, 'next_update_at'),
    error,
  };
}
