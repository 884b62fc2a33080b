/** Whether digits, in groups or not, are the number of a payment card: known beginning and length, and Luhn's check. */
export function isCardNumber(it: string): boolean {
  const groups = it.split(/[ -]/);
  const digits = groups.join('');
  if (new Set(it.match(/[ -]/g)).size > 1) return false;
  if (groups.length > 1 && !groupings.has(groups.map((group) => group.length).join())) return false;
  if (/^(\d)\1+$/.test(digits)) return false;
  return (
    issuers.some(({ begins, lengths }) => begins.test(digits) && lengths.includes(digits.length)) &&
    luhn(digits)
  );
}

const groupings = new Set(['4,4,4,4', '4,6,5', '4,6,4', '4,4,4,4,2', '4,4,4,4,3', '6,13']);

const issuers = [
  { begins: /^4/, lengths: [16] },
  { begins: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^(?:30[0-5]|3[689])/, lengths: [14] },
  { begins: /^(?:6011|65|64[4-9])/, lengths: [16] },
  { begins: /^35(?:2[89]|[3-8])/, lengths: [16] },
  { begins: /^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, lengths: [16, 18, 19] },
  { begins: /^62/, lengths: [16, 19] },
];

function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** Where the numbers of bank accounts (IBAN) stand: a country's length, and the check of ISO 7064. */
export function spansOfAccounts(text: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}])[a-z]{2}\d{2}(?=[ -]?[a-z0-9])/giu)) {
    const length = lengths.get(text.slice(index, index + 2).toUpperCase());
    const end = length === undefined ? null : endOf(text, index, length);
    if (end !== null && isAccount(text.slice(index, end))) spans.push({ start: index, end });
  }
  return spans;
}

/** Where so many letters and digits end, with single spaces or dashes between them; null where they do not. */
function endOf(text: string, start: number, length: number): number | null {
  let at = start;
  for (let count = 0; count < length; count++, at++) {
    if (count > 0 && /[ -]/.test(text[at] ?? '')) at++;
    if (!/[a-z0-9]/i.test(text[at] ?? '')) return null;
  }
  return /[\p{L}\p{N}]/u.test(text[at] ?? '') ? null : at;
}

function isAccount(it: string): boolean {
  const plain = it.replace(/[ -]/g, '').toUpperCase();
  const turned = plain.slice(4) + plain.slice(0, 4);
  let rest = 0;
  for (const sign of turned) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const lengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 ' +
    'SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))] as const),
);

/** What looks like a mail address and is none: a picture's name for fine screens, a repository, a package. */
export function isTaken(it: string): boolean {
  return /^git@|@\d(?:\.\d)?x\.|\.(?:png|jpe?g|gif|webp|svg|js|ts|css)$/i.test(it);
}
