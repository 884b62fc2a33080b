import { addressKey, readAddress } from '../address.ts';
import type { Trx } from '../db.ts';
import { whyAutomatic } from '../domain/automatic.ts';
import { NotFound, TooMany } from '../errors.ts';
import { sha256 } from '../ids.ts';
import type { Visitor } from '../limits.ts';
import { take } from '../limits.ts';
import type { Links } from '../links.ts';
import type { IncomingMail } from '../read-mail.ts';
import type { Report } from '../tables.ts';
import { addWords, mostWords } from './change-report.ts';
import { fileReport, meToo } from './file-report.ts';
import { moreOf, wordsOf } from './mail-words.ts';

/** What became of a mail; `said` tells the mail server's log, and holds no address. */
export interface TakenMail {
  became: 'report' | 'me_too' | 'words' | 'nothing';
  report_id: string | null;
  said: string;
}

const hour = 3_600_000;
const mailsPerAddress = { most: 30, perMs: hour };
const once = { most: 1, perMs: 24 * hour };

/**
 * Keeps what somebody writes to the support address: a report as from the form, words added to the report that one of
 * our mails was about, or a me-too on the issue it was about. What a program wrote becomes nothing. The same mail twice
 * is one. Throws TooMany where one address writes more than a person would; the mail server tries such a mail again.
 */
export async function takeMail(trx: Trx, mail: IncomingMail, links: Links, now: Date): Promise<TakenMail> {
  const automatic = whyAutomatic(mail.header) ?? ((await isOurOwn(trx, mail)) ? 'it is one of ours' : null);
  if (automatic) return nothing(`Nothing was kept of this mail: ${automatic}.`);
  const address = mail.from && readAddress(mail.from.address);
  const key = `${mail.messageId ?? `${mail.subject}\n${mail.text}`}\n${mail.from?.address ?? ''}`;
  if (address) {
    const wait = await take(trx, links.bucket('mails', addressKey(address)), mailsPerAddress, now);
    if (wait > 0) throw new TooMany('More mails came from one address than we take in an hour.', wait);
  }
  const isAgain = (await take(trx, links.bucket('mail', key), once, now)) > 0;
  const id = idOf(key);
  const there = await trx.selectFrom('report').select('id').where('id', '=', id).executeTakeFirst();
  if (isAgain || there) return nothing('This mail was taken before; nothing changed.', there?.id ?? null);
  return keep(trx, { id, mail, address, visitor: { bucket: links.bucket, network: null } }, now);
}

interface Letter {
  id: string;
  mail: IncomingMail;
  address: string | null;
  /** Without a network: a mail comes from a mail server. */
  visitor: Visitor;
}

async function keep(trx: Trx, letter: Letter, now: Date): Promise<TakenMail> {
  const { id, mail, address, visitor } = letter;
  const { reportId, issueId } = await whatItAnswers(trx, mail, address);
  const words = moreOf(mail);
  if (reportId && (await hasRoom(trx, reportId, words))) {
    if (words !== '') await addWords(trx, reportId, words);
    return { became: 'words', report_id: reportId, said: 'Its words were added to the report it is about.' };
  }
  const told = { id, email: address, name: mail.from?.name.slice(0, 100) || null, source: 'mail' };
  const followed = issueId && (await follow(trx, issueId, { ...told, message: words }, now, visitor));
  if (followed) {
    return { became: 'me_too', report_id: followed.id, said: 'It was noted with the issue it is about.' };
  }
  const report = await fileReport(trx, { ...told, message: wordsOf(mail) }, now, visitor);
  return { became: 'report', report_id: report.id, said: 'It waits in the inbox.' };
}

/**
 * The report or the issue that one of our mails was about, where this one answers it. Only whoever reads the address a
 * mail went to knows its id; to add to a report one must write from that address too.
 */
async function whatItAnswers(trx: Trx, { answers }: IncomingMail, address: string | null) {
  if (answers.length === 0) return { reportId: null, issueId: null };
  const rows = await trx
    .selectFrom('delivery')
    .select(['message_id', 'report_id', 'issue_id', 'address_key'])
    .where('message_id', 'in', answers)
    .execute();
  const [nearest] = rows.sort((a, b) => answers.indexOf(a.message_id) - answers.indexOf(b.message_id));
  const isHers = address !== null && nearest?.address_key === addressKey(address);
  const [, thread = null] = /<issue\.([0-9a-z]{12})@/.exec(answers.join(' ')) ?? [];
  return { reportId: isHers ? (nearest?.report_id ?? null) : null, issueId: nearest?.issue_id ?? thread };
}

/** One that was taken back, or is as long as we keep, takes no more words; they become a report of their own. */
async function hasRoom(trx: Trx, id: string, words: string): Promise<boolean> {
  const report = await trx
    .selectFrom('report')
    .select(['state', 'message'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!report || report.state === 'withdrawn') return false;
  return (report.message?.length ?? 0) + words.length + 2 <= mostWords;
}

async function follow(
  trx: Trx,
  issueId: string,
  told: Parameters<typeof meToo>[2],
  now: Date,
  visitor: Visitor,
): Promise<Report | null> {
  try {
    return await meToo(trx, issueId, told, now, visitor);
  } catch (error) {
    if (error instanceof NotFound) return null; // gone, or never there: whoever likes can write such an id
    throw error;
  }
}

/** A mail of ours that came back to us round some corner. */
async function isOurOwn(trx: Trx, { messageId }: IncomingMail): Promise<boolean> {
  if (messageId === null) return false;
  const ours = await trx
    .selectFrom('delivery')
    .select('id')
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  return ours !== undefined;
}

function nothing(said: string, reportId: string | null = null): TakenMail {
  return { became: 'nothing', report_id: reportId, said };
}

/** The same mail has the same id, however often and to whichever process it comes. */
function idOf(key: string): string {
  return BigInt(`0x${sha256(key).slice(0, 32)}`)
    .toString(36)
    .padStart(12, '0')
    .slice(-12);
}
