import { isCardNumber, isTaken, spansOfAccounts } from './number-checks.ts';
import { isMixed, isNoNumber, isPassphrase, isPassword, isRandom, isTypedPassword } from './secret-checks.ts';
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
const quoted = '["\'“„«‘`](?<quoted>[^\\n"\'”“»’`]{3,60})["\'”“»’`]';
const someWords = '\\p{L}{2,14}(?: \\p{L}{2,14}){2,7}';
const anEnd = '(?=\\s{0,3}(?:$|[\\n.,;!?)]))';
const aName = 'login|log-in|user(?:[ _-]?name)?|credentials?|account|benutzer|zugang|usuario|utilisateur';
const ofCode = '[0-9A-HJKMNP-TV-Z]';

/** What follows in the path of a link that lets somebody in once: /reset/…, /invite/…. */
export const letsInByPath =
  /\/(?:[a-z]{1,20}[-_])?(?:reset|recover|verify|confirm|activate|invite|invitation|magic|unlock|password|token|login|signin)(?:[-_][a-z]{1,20})?\/(?<it>[a-f\d]{32,200}|[a-f\d]{8}(?:-[a-f\d]{4}){3}-[a-f\d]{12}|[\w-]{22,200})(?![\w-])/giu;

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
  { kind: 'link', says: letsInByPath, holds: (it) => /^[a-f\d-]{32,}$/i.test(it) || isRandom(it) },
  { kind: 'token', says: /(?<!\w)(?:[sr]k_(?:live|test)|whsec)_[\w+/=]{10,250}/g, holds: isMixed },
  { kind: 'token', says: /(?<![\w-])sk-(?:proj|ant|svcacct|admin)-[\w-]{16,300}/g, holds: isMixed },
  { kind: 'token', says: /(?<![\w-])sk-[\w-]{20,300}/g, holds: (it) => isRandom(it) },
  { kind: 'token', says: /(?<![A-Za-z\d])A[KS]IA[A-Z\d]{16}(?![A-Za-z\d])/g },
  {
    kind: 'token',
    says: /(?<![\w+/=.-])[A-Za-z\d+/]{40}(?![\w+/=-])/g, // as the keys of a cloud are, and hardly a path
    holds: (it) => /[A-Z]/.test(it) && isRandom(it, 10),
  },
  {
    kind: 'token',
    says: new RegExp(`${ofAWord}(?:${aKey})\\s{1,3}(?:is\\s{1,3})?["']?(?<it>[\\w.~+/=-]{16,500})`, 'giu'),
    holds: (it) => isRandom(it),
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
      `${ofAWord}(?:${anyPassword})["']?(?:\\s{0,3}(?:[:=]|->|→)\\s{0,3}|\\s{1,5}(?:is|was|ist|war|lautet|es|est|è)\\s{0,3}:?\\s{1,3})(?:${quoted}|(?<it>[^\\s"'“„«‘\`,;]{4,100}))`,
      'giu',
    ),
    holds: isPassword,
  },
  {
    kind: 'password',
    says: new RegExp(
      `${ofAWord}(?:${anyPassword})["']?\\s{0,3}[:=]\\s{0,3}(?<it>${someWords})${anEnd}`,
      'giu',
    ),
    holds: isPassphrase,
  },
  {
    kind: 'password',
    says: new RegExp(`${ofAWord}(?:${anyPassword})\\s{1,3}["'“„«‘\`]?(?<it>[^\\s"'”“»’\`,;]{6,60})`, 'giu'),
    holds: isTypedPassword,
  },
  {
    kind: 'password',
    says: new RegExp(
      `${ofAWord}(?:my|our|mein|unser|mi|mon|mio)\\s(?:${anyPassword})\\s{1,3}["“„«‘\`](?<it>[^\\n"”“»’\`]{3,60})["”“»’\`]`,
      'giu',
    ),
    holds: isPassphrase,
  },
  {
    kind: 'password',
    says: new RegExp(
      `${ofAWord}(?:${aName})\\s{0,3}[:=]?\\s{0,3}[^\\s/|,;:]{1,60}[\\s,;/|]{1,4}pass\\s{0,3}[:=]?\\s{0,3}(?<it>[^\\s,;]{6,60})`,
      'giu',
    ),
    holds: isTypedPassword,
  },
  {
    kind: 'password',
    says: new RegExp(`${ofAWord}pass\\s{0,3}[:=]\\s{0,3}(?<it>[^\\s,;]{6,60})`, 'giu'),
    holds: isTypedPassword,
  },
  {
    kind: 'password',
    says: new RegExp(
      `${ofAWord}(?:${aName})\\s{0,3}[:=]\\s{0,3}[^\\s/|,;:]{1,60}\\s{0,3}[/|]\\s{1,3}(?<it>[^\\s,;]{6,60})`,
      'giu',
    ),
    holds: isTypedPassword,
  },
  {
    kind: 'iban',
    says: new RegExp(
      `${ofAWord}(?:sort\\s?code)\\s{0,3}(?:is|[:=#])?\\s{0,3}(?<it>\\d\\d[- ]?\\d\\d[- ]?\\d\\d)(?!\\d)`,
      'giu',
    ),
  },
  {
    kind: 'iban',
    // A number of an account may be one of ours; beside a bank's it is not.
    says: new RegExp(
      `${ofAWord}(?:bank\\s)?(?:account|acct)\\s?(?:number|no\\.?|nr\\.?)?\\s{0,3}(?:is|[:=#])?\\s{0,3}(?<it>\\d{6,12})(?!\\d)(?=[\\s\\S]{0,60}(?:sort\\s?code|routing))`,
      'giu',
    ),
  },
  {
    kind: 'report',
    says: new RegExp(`(?<![\\p{L}\\p{N}-])${ofCode}{4}-${ofCode}{4}-${ofCode}{2}(?![\\p{L}\\p{N}-])`, 'giu'),
    holds: isMixed,
  },
  {
    kind: 'report',
    says: new RegExp(
      `${ofAWord}code\\s{0,3}(?:is|:)?\\s{0,3}(?<it>${ofCode}{4}[- ]?${ofCode}{4}[- ]?${ofCode}{2})(?![\\p{L}\\p{N}-])`,
      'giu',
    ),
    holds: isMixed,
  },
  {
    kind: 'code',
    says: new RegExp(
      `${ofAWord}(?:${aNumber})(?:[- ](?:code|number|nummer|nr))?\\s{0,3}(?:is|was|ist|war|[:=#])?\\s{0,3}(?<it>\\d{3,8})(?![\\p{L}\\p{N}.,]\\d|[\\p{L}\\p{N}])`,
      'giu',
    ),
    holds: (it, after) => !isNoNumber(it, after),
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
