/** How to reach a person, as the operator said it. */
export interface Person {
  supportUrl: string | null;
  supportEmail: string | null;
  /** As people write it: +49 30 1234567. */
  supportPhone: string | null;
  /** When somebody answers, in words. */
  supportHours: string | null;
}

/** One way to a person, as a link. */
export interface Way {
  by: 'page' | 'mail' | 'phone';
  href: string;
  text: string;
}

/** The ways that are given, in the order in which they are named. */
export function waysTo({ supportUrl, supportEmail, supportPhone }: Person): Way[] {
  const ways: Way[] = [];
  if (supportUrl) ways.push({ by: 'page', href: supportUrl, text: 'our support' });
  if (supportEmail) ways.push({ by: 'mail', href: `mailto:${supportEmail}`, text: supportEmail });
  if (supportPhone) ways.push({ by: 'phone', href: phoneLink(supportPhone), text: supportPhone });
  return ways;
}

/** What a phone dials: digits, and the plus before them. "(0)" is for whoever calls from within the country. */
function phoneLink(phone: string): string {
  const abroad = phone.startsWith('+');
  const digits = (abroad ? phone.replace(/\(0+\)/g, '') : phone).replace(/\D/g, '');
  return `tel:${abroad ? '+' : ''}${digits}`;
}

/** The same for a program: only what is given, or nothing. */
export function supportOf(
  person: Person,
): Partial<Record<'url' | 'email' | 'phone' | 'hours', string>> | null {
  const { supportUrl: url, supportEmail: email, supportPhone: phone, supportHours: hours } = person;
  const given = Object.entries({ url, email, phone, hours }).filter(([, value]) => value !== null);
  return given.length > 0 ? Object.fromEntries(given) : null;
}
