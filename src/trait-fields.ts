import { type Condition, somethingElse, type Traits } from './domain/affected.ts';
import { type Question, questionsOf } from './domain/affected-rules.ts';
import { questionWords } from './domain/affected-words.ts';

/** A field that asks her what she uses: views/partials/trait-fields.eta. */
export interface TraitField {
  name: string;
  label: string;
  hint: string;
  type: 'select' | 'text' | 'date';
  value: string;
  options: { value: string; label: string; chosen: boolean }[];
}

/** Fields that ask for what these conditions are about, filled in with what she said; `also` adds choices. */
export function choiceFields(conditions: Condition[], also: Condition[] | null, said: Traits): TraitField[] {
  return questionsOf(conditions, also).map((question) => {
    const field = writtenField(question, said);
    return question.choices.length === 0
      ? field
      : { ...field, type: 'select', hint: '', options: optionsOf(question.choices, field.value) };
  });
}

/** The same for her to write in her own words: what we ask for later may have other choices. */
export function writtenFields(conditions: Condition[], also: Condition[] | null, said: Traits): TraitField[] {
  return questionsOf(conditions, also).map((question) => writtenField(question, said));
}

function writtenField({ trait, choices }: Question, said: Traits): TraitField {
  const like = choices.length > 0 ? choices.slice(0, 3).join(', ') : '4.2';
  return {
    name: trait,
    label: questionWords[trait],
    hint: trait === 'since' ? '' : `Such as ${like}. Leave it empty if you do not know.`,
    type: trait === 'since' ? 'date' : 'text',
    value: said[trait] ?? '',
    options: [],
  };
}

function optionsOf(choices: string[], said: string): TraitField['options'] {
  const isSaid = (value: string) => value.toLowerCase() === said.toLowerCase();
  return [
    { value: '', label: 'I do not know', chosen: said === '' },
    ...choices.map((value) => ({ value, label: value, chosen: isSaid(value) })),
    { value: somethingElse, label: 'Something else', chosen: said !== '' && !choices.some(isSaid) },
  ];
}
