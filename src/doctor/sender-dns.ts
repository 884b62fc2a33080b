import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

/** The one thing asked of the DNS: node:dns/promises has it. */
export interface TextResolver {
  resolveTxt(name: string): Promise<string[][]>;
}

/** What the DNS says of who may send mail from our address: SPF, DKIM, DMARC. */
export async function examineSender(
  address: string,
  resolver: TextResolver,
  dkimSelector: string | null,
): Promise<Finding[]> {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  if (!domain.includes('.')) {
    return [
      warn(
        'sender',
        `MAIL_FROM is ${address}, which no mail server outside takes.`,
        'Set MAIL_FROM to an address of your own domain.',
      ),
    ];
  }
  return Promise.all([
    examineSpf(domain, resolver),
    examineDkim(domain, resolver, dkimSelector),
    examineDmarc(domain, resolver),
  ]);
}

async function examineSpf(domain: string, resolver: TextResolver): Promise<Finding> {
  const texts = await textsOf(resolver, domain);
  if (texts instanceof Error) return unanswered('SPF', domain, texts);
  const records = texts.filter((text) => /^v=spf1(?: |$)/i.test(text));
  const [record] = records;
  if (record === undefined) {
    return warn(
      'SPF',
      `${domain} does not say which servers may send its mail.`,
      `Add a TXT record to ${domain}: v=spf1 include:YOUR-MAIL-PROVIDER ~all`,
    );
  }
  if (records.length > 1) {
    return fail(
      'SPF',
      `${domain} has ${records.length} SPF records, and with more than one none counts.`,
      'Join them into one.',
    );
  }
  const [, sign, all] = /(?:^|\s)([-+~?]?)(all)(?=\s|$)/i.exec(record) ?? [];
  if (all && (sign === '+' || sign === '')) {
    return fail(
      'SPF',
      `${domain} says that everybody may send its mail (${sign}all).`,
      'Let the record end in ~all or -all.',
    );
  }
  if (!/\bredirect=/i.test(record) && (!all || sign === '?')) {
    return warn(
      'SPF',
      `${domain} says nothing about servers that it does not name.`,
      'Let the record end in ~all or -all.',
    );
  }
  return ok('SPF', `${domain} has one record: ${record.slice(0, 200)}`);
}

async function examineDkim(
  domain: string,
  resolver: TextResolver,
  selector: string | null,
): Promise<Finding> {
  if (selector === null) {
    return warn(
      'DKIM',
      'Not looked at: only your mail server knows under which selector its key stands.',
      'candor doctor --dkim-selector NAME; or send yourself a mail and look for dkim=pass in its headers.',
    );
  }
  const name = `${selector}._domainkey.${domain}`;
  const texts = await textsOf(resolver, name);
  if (texts instanceof Error) return unanswered('DKIM', name, texts);
  const key = texts.find((text) => /(?:^|;)\s*p=/i.test(text));
  const next = 'Publish the key that your mail server signs with, or name the selector that it uses.';
  if (key === undefined) return fail('DKIM', `There is no key at ${name}.`, next);
  if (/(?:^|;)\s*p=\s*(?:;|$)/i.test(key)) return fail('DKIM', `The key at ${name} is revoked.`, next);
  return ok('DKIM', `There is a key at ${name}.`);
}

/** The domain's own word, or that of the nearest domain above it. */
async function examineDmarc(domain: string, resolver: TextResolver): Promise<Finding> {
  const labels = domain.split('.');
  for (let from = 0; from <= labels.length - 2; from++) {
    const name = `_dmarc.${labels.slice(from).join('.')}`;
    const texts = await textsOf(resolver, name);
    if (texts instanceof Error) return unanswered('DMARC', name, texts);
    const records = texts.filter((text) => /^v=DMARC1\s*(?:;|$)/i.test(text));
    if (records.length > 1) {
      return fail(
        'DMARC',
        `There are ${records.length} records at ${name}, and with more than one none counts.`,
        'Keep one.',
      );
    }
    if (records[0] === undefined) continue;
    const policy = /;\s*p=(none|quarantine|reject)\b/i.exec(records[0])?.[1]?.toLowerCase();
    if (!policy)
      return warn(
        'DMARC',
        `The record at ${name} has no policy.`,
        'Add p=none, p=quarantine or p=reject to it.',
      );
    return ok('DMARC', `${name} asks for p=${policy}${policy === 'none' ? ', which only watches' : ''}.`);
  }
  return warn(
    'DMARC',
    `${domain} does not say what to do with mail that only claims to be its own.`,
    `Add a TXT record to _dmarc.${domain}: v=DMARC1; p=none; rua=mailto:YOU`,
  );
}

/** The records at a name, none where there is no such name; the error where the DNS did not answer. */
async function textsOf(resolver: TextResolver, name: string): Promise<string[] | Error> {
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return ['ENOTFOUND', 'ENODATA'].includes(code) ? [] : (error as Error);
  }
}

function unanswered(check: string, name: string, error: Error): Finding {
  return warn(
    check,
    `The DNS does not answer for ${name}: ${reasonOf(error)}.`,
    'Try again, or ask from another network.',
  );
}
