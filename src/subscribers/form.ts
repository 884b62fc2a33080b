import { readAddress, whyNoAddress } from '../address.ts';
import { type Choices, hearsBy, missingIn } from '../domain/hearing.ts';
import { cleanLine } from '../domain/text.ts';
import { hearings } from '../domain/words.ts';

/** The subscribe form as somebody filled it in; the view draws it from this. */
export interface SubscribeForm extends Choices {
  email: string;
  /** Each wrong field with what would help, in the order of the form. */
  errors: { field: 'email' | ChoiceField; message: string }[];
  /** Why it was not taken, where no field is to blame. */
  notice: string;
}

type ChoiceField = 'hears' | 'components' | 'issues';

export type Asked = { asked: { address: string; choices: Choices } } | { refused: SubscribeForm };

const mostChosen = 500;
const id = /^[0-9a-z]{12}$/;

/** Reads POST /subscribe: an address, and what she would like to hear of; everything, unless she said otherwise. */
export function readAsking(body: unknown): Asked {
  const form = asTyped(body);
  const email = field(body, 'email');
  const address = typeof email === 'string' ? readAddress(email) : null;
  const message = whyNoAddress(typeof email === 'string' ? email : '');
  const errors = [
    ...(address === null ? [{ field: 'email' as const, message }] : []),
    ...wrongWith(body, form),
  ];
  if (address === null || errors.length > 0) return { refused: { ...form, errors } };
  return { asked: { address, choices: choicesOf(form) } };
}

/** Reads the choices of her own page. */
export function readChoosing(body: unknown): { choices: Choices; errors: SubscribeForm['errors'] } {
  const form = asTyped(body);
  return { choices: choicesOf(form), errors: wrongWith(body, form) };
}

/** A form as she filled it in, to give back to her. */
export function asTyped(body: unknown, notice = ''): SubscribeForm {
  const components = typedIn(body, ['components[]', 'components']);
  const issues = typedIn(body, ['issue', 'issues[]', 'issues']);
  const email = field(body, 'email');
  const said = hearings.find((one) => one === field(body, 'hears'));
  return {
    email: typeof email === 'string' ? cleanLine(email) : '',
    hears: said ?? hearsBy({ components, issues }),
    incidentsOnly: ['on', 'true', 'yes', '1', true].includes(field(body, 'incidents_only') as string),
    components: components.filter((one) => id.test(one)),
    issues: issues.filter((one) => id.test(one)),
    errors: [],
    notice,
  };
}

export const choosePart = 'Please choose at least one part, or “everything”.';
export const chooseIssue = 'Please choose at least one of these. To hear nothing for a while, pause instead.';

function wrongWith(body: unknown, form: SubscribeForm): SubscribeForm['errors'] {
  const said = field(body, 'hears');
  if (said !== undefined && said !== '' && !hearings.some((one) => one === said)) {
    return [{ field: 'hears', message: 'Please choose what you want to hear of.' }];
  }
  const missing = missingIn(form);
  if (missing === 'components') return [{ field: 'components', message: choosePart }];
  return missing === 'issues' ? [{ field: 'issues', message: chooseIssue }] : [];
}

/** What follows one issue alone says nothing of parts, and what is chosen by part says nothing of the rest. */
function choicesOf({ hears, incidentsOnly, components, issues }: SubscribeForm): Choices {
  return {
    hears,
    incidentsOnly: hears !== 'issues' && incidentsOnly,
    components: hears === 'components' ? components : [],
    issues,
  };
}

function typedIn(body: unknown, names: string[]): string[] {
  const all = names.flatMap((name) => [field(body, name)].flat());
  const texts = all.filter((one): one is string => typeof one === 'string' && one !== '');
  return [...new Set(texts)].slice(0, mostChosen);
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}
