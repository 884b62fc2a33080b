import { isCardNumber, isTaken, spansOfAccounts } from './number-checks.ts';
import type { Span } from './secrets.ts';

/** What each pattern finds by itself; every repetition is bounded, so the work grows with the text alone. */
export function findPatterns(text: string): Span[] {
  return [
    ...patterns.flatMap((pattern) => spansOf(text, pattern)),
    ...spansOfAccounts(text).map((span) => ({ kind: 'iban' as const, ...span })),
  ];
}

interface Pattern {
  kind: Span['kind'];
  /** What is private is its group `it`, or all of it. */
  says: RegExp;
  /** Whether a match is one after all. */
  holds?: (it: string, after: string) => boolean;
}

const anyPassword =
  'pass(?:word|wd|phrase|code)|pwd?|passwort|kennwort|contraseña|contrasena|mot de passe|wachtwoord|senha|lösenord|hasło|пароль';
const aNumber =
  'pin|cvv2?|cvc2?|tan|otp|one[- ]time (?:code|password)|(?:verification|security|2fa|sms|login) code';
const aKey =
  '(?:api|access|secret|auth|private)[_ -]?(?:key|token)|client[_-]?secret|session(?:[_-]?id)?|phpsessid|jsessionid|connect\\.sid|token|secret';
const letsIn =
  '(?:access_|auth_|id_|refresh_|reset_|csrf_)?token|auth|api_?key|secret|sig|signature|password|passwd|pwd|session(?:_?id)?|sid|jwt|ticket';
const ofAWord = '(?<![\\p{L}\\p{N}_])';

const patterns: Pattern[] = [
  {
    kind: 'key',
    says: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  { kind: 'login', says: /(?<![\w+.-])[a-z][a-z0-9+.-]{1,20}:\/\/(?<it>[^\s/@:]{1,100}:[^\s/@]{1,100})@/giu },
  { kind: 'link', says: /\/[rs]\/(?<it>[0-9a-z]{12}[\w-]{32})(?![\w-])/g },
  {
    kind: 'link',
    says: new RegExp(`[?&#](?:${letsIn}|code|key)=(?<it>[^&\\s#"'<>]{8,2000})`, 'gi'),
    holds: isMixed,
  },
  { kind: 'token', says: /(?<![\w-])eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{8,2000}/g },
  { kind: 'token', says: /\b(?:bearer|basic)\s{1,5}(?<it>[\w.~+/=-]{16,4000})/gi, holds: isMixed },
  { kind: 'token', says: /(?<!\w)candor_[\w-]{20,100}/g },
  {
    kind: 'token',
    says: new RegExp(`${ofAWord}(?:${aKey})["']?\\s{0,3}[:=]\\s{0,3}["']?(?<it>[\\w.~+/=-]{12,500})`, 'giu'),
    holds: isMixed,
  },
  {
    kind: 'card',
    says: /(?<![\p{L}\p{N}.,_/-])(?<![+(]\d{0,3} ?)\d(?:[ -]?\d){13,18}(?![\p{L}\p{N}_]|[.,/-]\d)/gu,
    holds: isCardNumber,
  },
  {
    kind: 'password',
    says: new RegExp(
      `${ofAWord}(?:${anyPassword})["']?(?:\\s{0,3}(?:[:=]|->|→)\\s{0,3}|\\s{1,5}(?:is|was|ist|war|lautet|es|est|è)\\s{0,3}:?\\s{1,3})(?:["'“„«‘\`](?<quoted>[^\\n"'”“»’\`]{3,60})["'”“»’\`]|(?<it>[^\\s"'“„«‘\`,;]{4,100}))`,
      'giu',
    ),
    holds: isPassword,
  },
  {
    kind: 'code',
    says: new RegExp(
      `${ofAWord}(?:${aNumber})(?:[- ](?:code|number|nummer|nr))?\\s{0,3}(?:is|was|ist|war|[:=#])?\\s{0,3}(?<it>\\d{3,8})(?![\\p{L}\\p{N}.,]\\d|[\\p{L}\\p{N}])`,
      'giu',
    ),
  },
  {
    kind: 'address',
    says: /(?<![\p{L}\p{N}._%+@/:-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}@])/gu,
    holds: (it) => !isTaken(it),
  },
];

function spansOf(text: string, { kind, says, holds }: Pattern): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(says)) {
    const it = match.groups?.it ?? match.groups?.quoted ?? match[0];
    const start = match.index + match[0].lastIndexOf(it);
    const after = text.slice(start + it.length, start + it.length + 40);
    if (holds && !(match.groups?.quoted || holds(it, after))) continue;
    spans.push({ kind, start, end: start + it.length });
  }
  return spans;
}

/** Letters and digits together, as keys have them and words do not. */
function isMixed(it: string): boolean {
  return /\d/.test(it) && /[a-z]/i.test(it);
}

/** "My password is wrong" tells none; "my password is sunshine" does. */
function isPassword(it: string, after: string): boolean {
  const word = it.replace(/[.!?:)\]]+$/, '');
  if (word.length < 3 || /^(.)\1*$/u.test(word)) return false; // ****, xxxx
  if (/^https?:/i.test(word)) return false;
  if (/\p{L}/u.test(word) && /[\p{N}!$%&#@*+=?^~_]|\p{Ll}\p{Lu}/u.test(word.replace(/[?!]$/, '')))
    return true;
  if (/^\d{4,}$/.test(word)) return true;
  const ends = word !== it || after === '' || /^\s*(?:$|[\n.,;!?)]|and |und |y |et )/.test(after);
  return ends && /^[\p{L}\p{N}.-]+$/u.test(word) && !isOrdinary(word.toLowerCase());
}

/** What is said of a password, rather than one. */
function isOrdinary(word: string): boolean {
  return ordinary.has(word) || /(?:ed|ing|able|ible|less|ful|ally|ly)$/.test(word);
}

const ordinary = new Set(
  (
    'wrong right correct incorrect valid invalid gone lost forgotten reset new old same fine good okay long short weak ' +
    'strong empty blank missing here there below above this that never always still only hidden shown visible known ' +
    'unknown stolen broken none null undefined true false text field input string word what mine yours ours public ' +
    'secret secure safe unsafe difficult easy optional mandatory unchanged different better sent falsch richtig weg ' +
    'leer neu vergessen korrekt ungültig gültig gleich kurz lang incorrecta correcta incorrecto correcto inválida ' +
    'incorrect invalide oublié fout goed required request error'
  ).split(' '),
);
